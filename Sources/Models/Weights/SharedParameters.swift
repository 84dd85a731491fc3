import SystemPackage

extension ParameterArena {
    /// Takes over the parameters that a Hugging Face folder has under the same names; the others stay as they are.
    ///
    /// A generator of fewer layers gives a discriminator its embeddings and lower layers.
    ///
    /// - Parameter configuration: the encoder that these parameters are for.
    /// - Throws: the errors of ``ParameterLayout/checkShared(with:for:)``.
    public func readShared(from folder: FilePath, for configuration: EncoderConfiguration) throws {
        try layout.checkShared(with: folder, for: configuration)
        _ = try read(from: ModelWeights(folder: folder))
    }
}

extension ParameterLayout {
    /// Refuses a Hugging Face folder whose parameters cannot be taken over. Reads no numbers.
    ///
    /// - Throws: ``ModelError`` where a shape differs, the folder's model is not an ELECTRA or computes something else with
    ///   the same parameters, or has other word embeddings.
    public func checkShared(with folder: FilePath, for configuration: EncoderConfiguration) throws {
        let path = folder.appending(ModelConfiguration.fileName)
        let model = try ModelConfiguration(contentsOf: path)
        if let architecture = model.architecture, architecture.family != .electra {
            throw ModelError(.wrongArchitecture(found: architecture.rawValue, expected: "an ELECTRA"), path)
        }
        try configuration.check(isLike: model.encoder, at: path)
        let weights = try ModelWeights(folder: folder)
        let needed = EncoderNames.electra.wordEmbeddings
        var layout = ParameterLayout()
        _ = TransformerEncoder(model.encoder, named: .electra, declaredIn: &layout)
        let own = layout.tensors.flatMap(\.parts)
        for part in tensors.flatMap(\.parts) where part.name == needed || weights.tensor(for: part.name) != nil {
            do {
                try weights.check(part)
            } catch {
                guard case .wrongShape(let name, let found, let expected) = error.kind,
                    found == own.first(where: { $0.name == name })?.shape
                else { throw error }
                // The folder is as its config.json says, and the model to be trained is another one.
                if name == needed, found[0] != expected[0] {
                    throw ModelError(
                        .differentModel("vocab_size", found: "\(found[0])", expected: "\(expected[0])"), path)
                }
                throw ModelError(.differentModel("\(name) of shape", found: "\(found)", expected: "\(expected)"), path)
            }
        }
    }
}

extension EncoderConfiguration {
    /// Refuses an encoder that differs where no tensor's shape shows it.
    fileprivate func check(isLike other: EncoderConfiguration, at path: FilePath) throws(ModelError) {
        let options = [
            ("num_attention_heads", "\(other.attentionHeadCount)", "\(attentionHeadCount)"),
            ("hidden_act", other.activation.name, activation.name),
            ("layer_norm_eps", "\(other.layerNormEpsilon)", "\(layerNormEpsilon)"),
        ]
        for (name, found, expected) in options where found != expected {
            throw ModelError(.differentModel(name, found: found, expected: expected), path)
        }
    }
}
