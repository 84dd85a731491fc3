/// Floating-point operations of matrix products, a multiplication and an addition each for one. All else is left out, as
/// PaLM's model FLOPs utilization does (Chowdhery et al. 2022, appendix B).
public enum OperationCount {
    /// Of backward, relative to forward: a product for each factor's gradient.
    public static let trainingFactor = 3.0

    /// Of an encoder, forward, on one sequence of `n` tokens.
    public static func encoder(_ configuration: EncoderConfiguration, tokens n: Int) -> Double {
        let (hidden, intermediate) = (Double(configuration.hiddenSize), Double(configuration.intermediateSize))
        let projections = 2 * (4 * hidden * hidden + 2 * hidden * intermediate)
        let attention = 4 * Double(n) * hidden
        let embedding =
            configuration.projectsEmbeddings ? 2 * Double(configuration.embeddingSize) * hidden : 0
        return Double(n) * (Double(configuration.layerCount) * (projections + attention) + embedding)
    }

    /// Of the head of a masked language model, forward, at one position.
    public static func prediction(_ configuration: EncoderConfiguration) -> Double {
        let embedding = Double(configuration.embeddingSize)
        return 2 * embedding * (Double(configuration.hiddenSize) + Double(configuration.vocabularySize))
    }

    /// Of a discriminator's head, forward, on one token.
    public static func detection(_ configuration: EncoderConfiguration) -> Double {
        2 * Double(configuration.hiddenSize) * Double(configuration.hiddenSize + 1)
    }
}
