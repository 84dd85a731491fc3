import Format
import Models

/// The work of going through a data set once, with each preset.
public struct TrainingEstimate: Sendable, Hashable {
    public struct Model: Sendable, Hashable, Encodable {
        public let preset: String
        public let parameters: Int
        public let batchSize: Int
        /// Batches of an epoch, the last one filled from the next.
        public let steps: Int
        /// Forward and backward: six for each token and parameter that is not an embedding, and 12 × layers × width ×
        /// mean length for each token's attention.
        public let operations: Double
    }

    public let sequences: UInt64
    public let tokens: UInt64
    public let models: [Model]

    public init(_ counts: Counts, vocabularySize: Int) {
        sequences = counts.sequences
        tokens = counts.tokens
        models = Preset.all.map { preset in
            let shape = preset.encoder(vocabularySize: vocabularySize)
            let parameters = Discriminator(shape).layout.parameterCount
            let rows = vocabularySize + shape.maximumPositionCount + shape.tokenTypeCount
            let dense = Double(parameters) - Double(rows) * Double(shape.embeddingSize)
            let meanLength = Double(counts.tokens) / Double(max(counts.sequences, 1))
            let attention = 12 * Double(shape.layerCount * shape.hiddenSize) * meanLength
            let batch = UInt64(preset.batchSize)
            return Model(
                preset: preset.name, parameters: parameters, batchSize: preset.batchSize,
                steps: Int(counts.sequences / batch + (counts.sequences % batch > 0 ? 1 : 0)),
                operations: Double(counts.tokens) * (6 * dense + attention))
        }
    }
}
