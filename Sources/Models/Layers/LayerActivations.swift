import Kernels

/// The activations that one layer leaves for its backward pass. n tokens, a = Σ length² attention elements a head.
struct LayerActivations {
    let queryKeyValue: FloatBuffer  // [n, 3 · hidden]
    let probabilities: FloatBuffer  // [heads, a], before dropout
    let context: FloatBuffer  // [n, hidden]
    let attentionNormalized: FloatBuffer  // [n, hidden], x̂ of the layer norm after attention
    let attentionDeviation: FloatBuffer  // [n]
    let attentionOutput: FloatBuffer  // [n, hidden]
    let intermediate: FloatBuffer  // [n, intermediate], before GELU
    let outputNormalized: FloatBuffer  // [n, hidden], x̂ of the layer norm at the end
    let outputDeviation: FloatBuffer  // [n]
    let output: FloatBuffer  // [n, hidden]

    init(_ configuration: EncoderConfiguration, tokens n: Int, attentionElements a: Int) {
        let hidden = configuration.hiddenSize
        queryKeyValue = FloatBuffer(count: n * 3 * hidden)
        probabilities = FloatBuffer(count: configuration.attentionHeadCount * a)
        context = FloatBuffer(count: n * hidden)
        attentionNormalized = FloatBuffer(count: n * hidden)
        attentionDeviation = FloatBuffer(count: n)
        attentionOutput = FloatBuffer(count: n * hidden)
        intermediate = FloatBuffer(count: n * configuration.intermediateSize)
        outputNormalized = FloatBuffer(count: n * hidden)
        outputDeviation = FloatBuffer(count: n)
        output = FloatBuffer(count: n * hidden)
    }
}
