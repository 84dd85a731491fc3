import CLibrary
import Kernels
import Models

/// AdamW (Loshchilov & Hutter 2019, algorithm 2), with bias correction as PyTorch has it.
///
/// Defaults are ELECTRA's. Decay applies to tensors declared so: not to biases and layer norms.
public struct AdamW: Sendable {
    public struct Configuration: Sendable, Hashable {
        /// β1, of the mean of gradients.
        public var firstDecay: Float = 0.9
        /// β2, of the mean of their squares.
        public var secondDecay: Float = 0.999
        public var epsilon: Float = 1e-6
        public var weightDecay: Float = 0.01
        /// The factor of the learning rate of word embeddings, 0 to 1.
        ///
        /// Adam's updates have about the size of the rate, however small a gradient is. A lower rate keeps embeddings nearer to their
        /// start.
        public var wordEmbeddingRate: Float = 1

        public init() {}
    }

    public let configuration: Configuration
    public let firstMoment: ParameterArena
    public let secondMoment: ParameterArena

    public init(_ layout: ParameterLayout, configuration: Configuration = Configuration()) {
        self.configuration = configuration
        firstMoment = ParameterArena(layout)
        secondMoment = ParameterArena(layout)
    }

    /// Updates some of the parameters.
    ///
    /// - Parameters:
    ///   - range: of floats in the arena, within the tensor.
    ///   - gradientScale: the factor of the gradients, for clipping. It is applied first.
    ///   - step: 1 for the first.
    package func update(
        _ parameters: ParameterArena, with gradients: ParameterArena, in range: Range<Int>, of tensor: Tensor,
        gradientScale: Float, learningRate: Float, step: Int
    ) {
        let learningRate = tensor.isWordEmbeddings ? learningRate * configuration.wordEmbeddingRate : learningRate
        let firstCorrection = 1 - pow(Double(configuration.firstDecay), Double(step))
        let secondCorrection = 1 - pow(Double(configuration.secondDecay), Double(step))
        let rate = AdamStep(
            gradientScale: gradientScale, firstDecay: configuration.firstDecay,
            secondDecay: configuration.secondDecay, stepSize: Float(Double(learningRate) / firstCorrection),
            inverseRootCorrection: Float(1 / secondCorrection.squareRoot()), epsilon: configuration.epsilon,
            shrinkage: tensor.decays ? 1 - learningRate * configuration.weightDecay : 1)
        rate.apply(
            to: parameters.values.mutableSpan(range), gradient: gradients.values.span(range),
            firstMoment: firstMoment.values.mutableSpan(range), secondMoment: secondMoment.values.mutableSpan(range))
    }
}
