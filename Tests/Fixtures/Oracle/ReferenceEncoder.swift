internal import Kernels
package import Models

/// BERT's and ELECTRA's encoder for one sequence, in double precision (`modeling_electra.py`).
package struct ReferenceEncoder: Sendable {
    package let configuration: EncoderConfiguration
    package let prefix: String
    /// The masks of the float32 encoder: it is given ones to drop.
    package let dropout: DropoutPlan?

    package init(_ configuration: EncoderConfiguration, prefix: String, dropout: DropoutPlan? = nil) {
        self.configuration = configuration
        self.prefix = prefix
        self.dropout = dropout
    }

    /// [tokens, hidden]
    package func hiddenStates(
        of tokens: [Int32], secondSegment: Int? = nil, number: UInt32 = 0, _ parameters: ReferenceParameters
    ) -> Matrix {
        var hidden = embeddings(of: tokens, secondSegment: secondSegment, number: number, parameters)
        for layer in 0..<configuration.layerCount {
            let name = "\(prefix)encoder.layer.\(layer)."
            let context = attention(hidden, layer: layer, number: number, name + "attention.self.", parameters)
            let attended = dropped(
                parameters.linear(context, name + "attention.output.dense"), at: .attentionOutput(layer: layer),
                number: number)
            let middle = parameters.layerNorm(
                attended + hidden, name + "attention.output.LayerNorm", epsilon: configuration.layerNormEpsilon)
            let wide = parameters.linear(middle, name + "intermediate.dense")
                .activated(by: configuration.activation)
            let narrow = dropped(
                parameters.linear(wide, name + "output.dense"), at: .feedForwardOutput(layer: layer), number: number)
            hidden = parameters.layerNorm(
                narrow + middle, name + "output.LayerNorm", epsilon: configuration.layerNormEpsilon)
        }
        return hidden
    }

    private func embeddings(
        of tokens: [Int32], secondSegment: Int? = nil, number: UInt32, _ parameters: ReferenceParameters
    ) -> Matrix {
        let name = prefix + "embeddings."
        let (words, positions) = (
            parameters[name + "word_embeddings.weight"], parameters[name + "position_embeddings.weight"]
        )
        let types = configuration.tokenTypeCount > 0 ? parameters[name + "token_type_embeddings.weight"] : nil
        let sum = Matrix(rows: tokens.count, columns: configuration.embeddingSize) { row, column in
            words[Int(tokens[row]), column] + positions[configuration.firstPosition + row, column]
                + (types?[row < secondSegment ?? tokens.count ? 0 : 1, column] ?? 0)
        }
        let normalized = dropped(
            parameters.layerNorm(sum, name + "LayerNorm", epsilon: configuration.layerNormEpsilon), at: .embeddings,
            number: number)
        return configuration.projectsEmbeddings
            ? parameters.linear(normalized, prefix + "embeddings_project") : normalized
    }

    private func attention(
        _ input: Matrix, layer: Int, number: UInt32, _ name: String, _ parameters: ReferenceParameters
    ) -> Matrix {
        let (query, key, value) = (
            parameters.linear(input, name + "query"), parameters.linear(input, name + "key"),
            parameters.linear(input, name + "value")
        )
        let size = configuration.headSize
        var context = Matrix(rows: input.rows, columns: configuration.hiddenSize) { _, _ in 0 }
        for head in 0..<configuration.attentionHeadCount {
            let columns = head * size..<(head + 1) * size
            let scores = (query.columns(columns) * key.columns(columns).transposed).map {
                $0 / Double(size).squareRoot()
            }
            let probabilities = dropped(
                scores.softmax, at: .attentionProbabilities(layer: layer, head: head), number: number)
            let part = probabilities * value.columns(columns)
            for row in 0..<input.rows {
                for column in 0..<size { context[row, columns.lowerBound + column] = part[row, column] }
            }
        }
        return context
    }

    private func probabilities(_ query: Matrix, _ key: Matrix) -> Matrix {
        (query * key.transposed).map { $0 / Double(query.columns).squareRoot() }.softmax
    }

    /// Where each head of the first layer looks: [tokens, tokens] a head.
    package func firstAttention(of tokens: [Int32], _ parameters: ReferenceParameters) -> [Matrix] {
        let input = embeddings(of: tokens, number: 0, parameters)
        let name = prefix + "encoder.layer.0.attention.self."
        let (query, key) = (parameters.linear(input, name + "query"), parameters.linear(input, name + "key"))
        let size = configuration.headSize
        return (0..<configuration.attentionHeadCount).map { head in
            let columns = head * size..<(head + 1) * size
            return probabilities(query.columns(columns), key.columns(columns))
        }
    }

    package func dropped(_ values: Matrix, at site: DropoutPlan.Site, number: UInt32) -> Matrix {
        guard let dropout else { return values }
        let ones = FloatBuffer(count: values.elements.count)
        ones.fill(with: 1)
        let kernel =
            switch site {
            case .attentionProbabilities: dropout.attention
            case .classifierInput, .classifierHidden: dropout.classifier
            default: dropout.hidden
            }
        kernel.apply(
            to: ones.mutableSpan, at: Dropout.Address(step: dropout.step, sequence: number, site: site.number))
        let mask = ones.span
        return Matrix(rows: values.rows, columns: values.columns) {
            values[$0, $1] * Double(mask[$0 * values.columns + $1])
        }
    }
}
