import SystemPackage

extension ParameterArena {
    /// Takes over the parameters that a Hugging Face folder has under the same names; the others stay as they are.
    ///
    /// A generator of fewer layers gives a discriminator its embeddings and lower layers.
    ///
    /// - Parameter configuration: the encoder that these parameters are for.
    /// - Throws: ``ModelError`` where a shape differs, the folder's encoder computes something else with the same
    ///   parameters, or its model has nothing in common with this one.
    public func readShared(from folder: FilePath, for configuration: EncoderConfiguration) throws {
        let path = folder.appending(ModelConfiguration.fileName)
        try configuration.check(isLike: ModelConfiguration(contentsOf: path).encoder, at: path)
        let weights = try ModelWeights(folder: folder)
        let missing = try read(from: weights)
        if missing.count == layout.tensors.reduce(0, { $0 + $1.parts.count }) {
            throw ModelError(.missingTensor(layout.tensors[0].parts[0].name), weights.path)
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
