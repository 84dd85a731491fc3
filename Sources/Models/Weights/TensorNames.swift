/// The names under which releases of transformers have stored one and the same tensor.
enum TensorNames {
    /// Word embeddings and the decoder tied to them: some releases stored the one, some the other.
    private static let tiedCopies = [
        EncoderNames.bert.wordEmbeddings: "cls.predictions.decoder.weight",
        EncoderNames.electra.wordEmbeddings: "generator_lm_head.weight",
        EncoderNames.roberta.wordEmbeddings: "lm_head.decoder.weight",
        EncoderNames.distilBert.wordEmbeddings: "vocab_projector.weight",
    ]

    /// The names to look for, in order; `name` is today's.
    static func candidates(for name: String) -> [String] {
        var names = [name]
        // A head's bias is stored twice, and it is the decoder's that is added where the two differ.
        if let head = name.dropping(suffix: "cls.predictions.bias") ?? name.dropping(suffix: "lm_head.bias"),
            head.isEmpty
        {
            names.insert(name.dropLast("bias".count) + "decoder.bias", at: 0)
        }
        // Checkpoints converted from TensorFlow call a layer norm's weight and bias gamma and beta.
        if let norm = name.dropping(suffix: "LayerNorm.weight") { names.append(norm + "LayerNorm.gamma") }
        if let norm = name.dropping(suffix: "LayerNorm.bias") { names.append(norm + "LayerNorm.beta") }
        // An encoder saved without a head has no prefix.
        for prefix in EncoderNames.all.map(\.prefix) where name.hasPrefix(prefix) {
            names += names.map { String($0.dropFirst(prefix.count)) }
            break
        }
        if let copy = tiedCopies[name] { names.append(copy) }
        return names
    }
}

extension String {
    fileprivate func dropping(suffix: String) -> String? {
        hasSuffix(suffix) ? String(dropLast(suffix.count)) : nil
    }
}
