import Kernels

/// The activations of one thread, allocated once for batches of up to `tokenCapacity` tokens.
public struct EncoderWorkspace {
    public enum Use: Sendable {
        /// Every layer's activations are kept for the backward pass.
        case training
        /// Layers take turns in one set of buffers.
        case inference
    }

    public let tokenCapacity: Int
    let embeddingsNormalized: FloatBuffer  // [n, embedding]
    let embeddingsDeviation: FloatBuffer  // [n]
    let embeddings: FloatBuffer  // [n, embedding]
    /// The first layer's input where embeddings are projected.
    let projected: FloatBuffer?  // [n, hidden]
    private let layers: [LayerActivations]
    let scratch: Scratch
    private let configuration: EncoderConfiguration

    /// Buffers that hold nothing from one layer to the next.
    struct Scratch {
        let activated: FloatBuffer  // [n, intermediate]
        let droppedProbabilities: FloatBuffer  // [longest, longest]
        let gradient: Gradients?

        init(_ configuration: EncoderConfiguration, tokens n: Int, longest: Int, use: Use) {
            activated = FloatBuffer(count: n * configuration.intermediateSize)
            droppedProbabilities = FloatBuffer(count: longest * longest)
            gradient = use == .training ? Gradients(configuration, tokens: n, longest: longest) : nil
        }
    }

    /// Gradients of activations, on their way from layer to layer.
    struct Gradients {
        let hidden: FloatBuffer  // [n, hidden], of the current layer's output, then input
        let branch: FloatBuffer  // [n, hidden], of a sublayer's output before the residual
        let intermediate: FloatBuffer  // [n, intermediate]
        let context: FloatBuffer  // [n, hidden]
        let queryKeyValue: FloatBuffer  // [n, 3 · hidden]
        let probabilities: FloatBuffer  // [longest, longest]
        let embeddings: FloatBuffer  // [n, embedding]

        init(_ configuration: EncoderConfiguration, tokens n: Int, longest: Int) {
            hidden = FloatBuffer(count: n * configuration.hiddenSize)
            branch = FloatBuffer(count: n * configuration.hiddenSize)
            intermediate = FloatBuffer(count: n * configuration.intermediateSize)
            context = FloatBuffer(count: n * configuration.hiddenSize)
            queryKeyValue = FloatBuffer(count: n * 3 * configuration.hiddenSize)
            probabilities = FloatBuffer(count: longest * longest)
            embeddings = FloatBuffer(count: n * configuration.embeddingSize)
        }
    }

    /// - Parameters:
    ///   - tokenCapacity: the most tokens a batch may have.
    ///   - longestSequence: the most tokens a sequence may have.
    public init(_ configuration: EncoderConfiguration, tokenCapacity: Int, longestSequence: Int, use: Use) {
        self.tokenCapacity = tokenCapacity
        self.configuration = configuration
        let n = tokenCapacity
        embeddingsNormalized = FloatBuffer(count: n * configuration.embeddingSize)
        embeddingsDeviation = FloatBuffer(count: n)
        embeddings = FloatBuffer(count: n * configuration.embeddingSize)
        projected = configuration.projectsEmbeddings ? FloatBuffer(count: n * configuration.hiddenSize) : nil
        // Σ length² of sequences of at most `longest` tokens that add up to n is at most n · longest.
        layers = (0..<(use == .training ? configuration.layerCount : 1)).map { _ in
            LayerActivations(configuration, tokens: n, attentionElements: n * longestSequence)
        }
        scratch = Scratch(configuration, tokens: n, longest: longestSequence, use: use)
    }

    func layer(_ index: Int) -> LayerActivations {
        layers[index % layers.count]
    }

    /// [n, hidden]
    func input(ofLayer index: Int) -> FloatBuffer {
        index == 0 ? projected ?? embeddings : layer(index - 1).output
    }

    /// The last layer's output after a forward pass: [n, hidden].
    public var output: FloatBuffer {
        input(ofLayer: configuration.layerCount)
    }

    /// Where the gradient of ``output`` goes before a backward pass: [n, hidden].
    public var outputGradient: FloatBuffer {
        guard let gradient = scratch.gradient else { preconditionFailure("the workspace is for inference") }
        return gradient.hidden
    }
}
