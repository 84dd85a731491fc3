import CLibrary

extension ParameterArena {
    /// Starts an encoder whose first layer looks at neighboring positions, on top of a random initialization.
    ///
    /// Position embeddings are sinusoids in the first head-size dimensions, where word embeddings are faint. In the first
    /// layer, half of the heads have those dimensions as their key, and the same turned by the angle of one step as their query, so
    /// that attention peaks at a fixed offset: -1, +1, -2, +2, head by head. The others look everywhere. It is only a start: everything
    /// trains on.
    ///
    /// Small models otherwise sit on the unigram plateau for millions of tokens (`docs/ledger/learning.md`). Compare ConViT
    /// (d'Ascoli et al. 2021) and mimetic initialization (Trockman & Kolter 2023). Positions are fainter than words, because with
    /// larger ones classifiers learn where words stand and not which (`docs/study.md`).
    public func initializeLocally(_ encoder: TransformerEncoder) {
        let configuration = encoder.configuration
        let locality = Locality(configuration)
        let parameters = encoder.parameters
        scaleWordEmbeddings(parameters.wordEmbeddings, locality, initializerRange: configuration.initializerRange)
        setPositions(parameters.positionEmbeddings, locality)
        if let projection = parameters.projection {
            passThrough(projection.weight, locality, initializerRange: configuration.initializerRange)
        }
        if let layer = parameters.layers.first { setAttention(layer.attention.weight, configuration, locality) }
    }

    /// The dimensions that carry positions: pairs (sin, cos), a frequency each.
    struct Locality {
        let frequencies: [Float]

        /// The presets' positions. Encoders of so many at most have evenly spread frequencies.
        static let evenlySpreadPositions = 512
        static let amplitude: Float = 0.05
        static let wordDeviation: Float = 0.05
        static let wordScaleAtPositions: Float = 0.1
        static let gain: Float = 2.7
        static let randomScale: Float = 0.3
        static let offsets: [Float] = [-1, 1, -2, 2]

        init(_ configuration: EncoderConfiguration) {
            // At least half of the dimensions are left to words.
            let pairs = min(configuration.headSize, configuration.embeddingSize / 2) / 2
            // Radians a position, evenly spread: the sum of their cosines has one sharp peak. Evenly spread frequencies come into
            // step again some hundred positions on: with eight of them and 1,024 positions, the neighbor would get 22 % of the attention.
            // Spread a little unevenly they do not, and it gets 97 %.
            let exponent: Float = configuration.maximumPositionCount > Self.evenlySpreadPositions ? 1.1 : 1
            frequencies = (0..<pairs).map {
                0.15 + (3.0 - 0.15) * powf(Float($0) / Float(max(pairs - 1, 1)), exponent)
            }
        }

        var width: Int { 2 * frequencies.count }
    }

    private func scaleWordEmbeddings(_ tensor: Tensor, _ locality: Locality, initializerRange: Float) {
        let width = tensor.shape[1]
        var words = mutableSpan(of: tensor)
        for index in words.indices {
            words[index] *= Locality.wordDeviation / initializerRange
            if index % width < locality.width { words[index] *= Locality.wordScaleAtPositions }
        }
    }

    private func setPositions(_ tensor: Tensor, _ locality: Locality) {
        let width = tensor.shape[1]
        var positions = mutableSpan(of: tensor)
        for position in 0..<tensor.shape[0] {
            for (pair, frequency) in locality.frequencies.enumerated() {
                let angle = frequency * Float(position)
                positions[position * width + 2 * pair] = Locality.amplitude * sinf(angle)
                positions[position * width + 2 * pair + 1] = Locality.amplitude * cosf(angle)
            }
        }
    }

    /// The first dimensions of the hidden state become those of the embeddings, which carry positions; the others mix the
    /// embeddings' other dimensions alone, which carry words, at their size. Words mixed with positions, or fainter than them by
    /// far, leave the plateau where it is.
    private func passThrough(_ tensor: Tensor, _ locality: Locality, initializerRange: Float) {
        let (height, width) = (tensor.shape[0], tensor.shape[1])
        let wordScale = 1 / (initializerRange * Float(max(1, width - locality.width)).squareRoot())
        var weight = mutableSpan(of: tensor)
        for row in 0..<height {
            for column in 0..<width {
                let index = row * width + column
                if row < locality.width {
                    weight[index] = row == column ? 1 : 0
                } else {
                    weight[index] *= column < locality.width ? 0 : wordScale
                }
            }
        }
    }

    /// Query, key and value are stacked: [3 · hidden, hidden].
    private func setAttention(_ tensor: Tensor, _ configuration: EncoderConfiguration, _ locality: Locality) {
        let (hidden, headSize) = (configuration.hiddenSize, configuration.headSize)
        var weight = mutableSpan(of: tensor)
        for index in 0..<2 * hidden * hidden { weight[index] *= Locality.randomScale }
        for head in 0..<(configuration.attentionHeadCount + 1) / 2 {
            let offset = Locality.offsets[head % Locality.offsets.count]
            for (pair, frequency) in locality.frequencies.enumerated() {
                let (sine, cosine) = (sinf(frequency * offset), cosf(frequency * offset))
                let query = (head * headSize + 2 * pair) * hidden + 2 * pair
                let key = hidden * hidden + query
                // sin(a + b) = sin a cos b + cos a sin b; cos(a + b) = cos a cos b - sin a sin b
                weight[query] += Locality.gain * cosine
                weight[query + 1] += Locality.gain * sine
                weight[query + hidden] -= Locality.gain * sine
                weight[query + hidden + 1] += Locality.gain * cosine
                weight[key] += Locality.gain
                weight[key + hidden + 1] += Locality.gain
            }
        }
    }
}
