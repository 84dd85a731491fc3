/// Shapes of models and settings to train them with, by name.
///
/// `small` and `base` are those of ELECTRA (Clark et al. 2020), `tiny` is for small corpora and demonstrations.
public struct Preset: Sendable, Hashable {
    public let name: String
    public let learningRate: Float
    public let batchSize: Int
    private let embeddingSize: Int
    private let hiddenSize: Int
    private let layerCount: Int
    private let generatorLayerCount: Int
    private let attentionHeadCount: Int
    private let dropout: Float

    public static let all = [
        Preset(
            name: "tiny", learningRate: 1e-3, batchSize: 32, embeddingSize: 128, hiddenSize: 128, layerCount: 4,
            generatorLayerCount: 2, attentionHeadCount: 4, dropout: 0),
        Preset(
            name: "small", learningRate: 5e-4, batchSize: 128, embeddingSize: 128, hiddenSize: 256, layerCount: 12,
            generatorLayerCount: 4, attentionHeadCount: 4, dropout: 0.1),
        Preset(
            name: "base", learningRate: 2e-4, batchSize: 256, embeddingSize: 768, hiddenSize: 768, layerCount: 12,
            generatorLayerCount: 4, attentionHeadCount: 12, dropout: 0.1),
    ]

    /// The shape of the encoder to be trained.
    public func encoder(vocabularySize: Int) -> EncoderConfiguration {
        EncoderConfiguration(
            vocabularySize: vocabularySize, embeddingSize: embeddingSize, hiddenSize: hiddenSize,
            layerCount: layerCount, attentionHeadCount: attentionHeadCount, intermediateSize: 4 * hiddenSize,
            dropout: dropout)
    }

    /// The shape of its generator: the same width, a third of the depth (half, for `tiny`).
    public func generator(vocabularySize: Int) -> EncoderConfiguration {
        var configuration = encoder(vocabularySize: vocabularySize)
        configuration.layerCount = generatorLayerCount
        return configuration
    }
}
