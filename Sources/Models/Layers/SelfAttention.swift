import Kernels

/// Multi-head scaled dot-product attention within each sequence (Vaswani et al. 2017, equation 1).
struct SelfAttention {
    let headCount: Int
    let headSize: Int
    let layer: Int

    init(_ configuration: EncoderConfiguration, layer: Int) {
        headCount = configuration.attentionHeadCount
        headSize = configuration.headSize
        self.layer = layer
    }

    private var hidden: Int { headCount * headSize }
    private var scale: Float { 1 / Float(headSize).squareRoot() }

    /// From query, key and value to the context, both among the layer's activations; the probabilities stay for backward.
    func forward(_ pass: ForwardPass) {
        let (activations, scratch) = (pass.workspace.layer(layer), pass.workspace.scratch)
        for sequence in pass.batch.sequences {
            for head in 0..<headCount {
                let n = sequence.rows.count
                let place = elements(of: sequence, head: head, in: pass.batch)
                multiply(
                    query(activations.queryKeyValue, sequence, head),
                    key(activations.queryKeyValue, sequence, head).transposed, m: n, n: n, k: headSize, scale: scale,
                    into: activations.probabilities.mutableSpan(place), stride: n)
                Softmax.forward(activations.probabilities.mutableSpan(place), width: n)
                multiply(
                    droppedProbabilities(activations, place, sequence, head, scratch, pass.dropout),
                    value(activations.queryKeyValue, sequence, head), m: n, n: headSize, k: n,
                    into: activations.context.mutableSpan(span(of: sequence, head, stride: hidden)), stride: hidden)
            }
        }
    }

    /// The context of some queries only, without dropout.
    ///
    /// - Parameters:
    ///   - queries: [selected, hidden]
    ///   - rows: [selected]; the tokens they are of, rising. The context is [selected, hidden].
    func forward(_ pass: ForwardPass, queries: FloatBuffer, at rows: Span<Int32>) {
        let activations = pass.workspace.layer(layer)
        var first = 0
        for sequence in pass.batch.sequences {
            var end = first
            while end < rows.count, rows[end] < sequence.rows.upperBound { end += 1 }
            let (n, m) = (sequence.rows.count, end - first)
            let own = first * hidden..<end * hidden
            for head in 0..<headCount where m > 0 {
                let columns = own.dropFirst(head * headSize)
                let scores = 0..<m * n
                multiply(
                    Factor(queries.span(columns), stride: hidden),
                    key(activations.queryKeyValue, sequence, head).transposed, m: m, n: n, k: headSize, scale: scale,
                    into: activations.probabilities.mutableSpan(scores), stride: n)
                Softmax.forward(activations.probabilities.mutableSpan(scores), width: n)
                multiply(
                    Factor(activations.probabilities.span(scores), stride: n),
                    value(activations.queryKeyValue, sequence, head), m: m, n: headSize, k: n,
                    into: activations.context.mutableSpan(columns), stride: hidden)
            }
            first = end
        }
    }

    /// From the gradient of the context to that of query, key and value.
    func backward(_ pass: BackwardPass) {
        let (activations, scratch) = (pass.forward.workspace.layer(layer), pass.forward.workspace.scratch)
        let (gradient, dropout) = (pass.gradient, pass.forward.dropout)
        let stride = 3 * hidden
        for sequence in pass.forward.batch.sequences {
            for head in 0..<headCount {
                let n = sequence.rows.count
                let place = elements(of: sequence, head: head, in: pass.forward.batch)
                let context = Factor(gradient.context.span(span(of: sequence, head, stride: hidden)), stride: hidden)
                multiply(
                    droppedProbabilities(activations, place, sequence, head, scratch, dropout).transposed, context,
                    m: n, n: headSize, k: n,
                    into: gradient.queryKeyValue.mutableSpan(span(of: sequence, head + 2 * headCount, stride: stride)),
                    stride: stride)
                multiply(
                    context, value(activations.queryKeyValue, sequence, head).transposed, m: n, n: n, k: headSize,
                    into: gradient.probabilities.mutableSpan(0..<n * n), stride: n)
                dropout?.attention.apply(
                    to: gradient.probabilities.mutableSpan(0..<n * n), at: address(sequence, head, dropout))
                Softmax.backward(
                    gradient.probabilities.mutableSpan(0..<n * n), probabilities: activations.probabilities.span(place),
                    width: n)
                let scores = Factor(gradient.probabilities.span(0..<n * n), stride: n)
                multiply(
                    scores, key(activations.queryKeyValue, sequence, head), m: n, n: headSize, k: n, scale: scale,
                    into: gradient.queryKeyValue.mutableSpan(span(of: sequence, head, stride: stride)), stride: stride)
                multiply(
                    scores.transposed, query(activations.queryKeyValue, sequence, head), m: n, n: headSize, k: n,
                    scale: scale,
                    into: gradient.queryKeyValue.mutableSpan(span(of: sequence, head + headCount, stride: stride)),
                    stride: stride)
            }
        }
    }

    /// The probabilities as the context was computed from them, [n, n].
    @_lifetime(borrow activations, borrow scratch)
    private func droppedProbabilities(
        _ activations: LayerActivations, _ place: Range<Int>, _ sequence: TokenBatch.Sequence, _ head: Int,
        _ scratch: EncoderWorkspace.Scratch, _ dropout: DropoutPlan?
    ) -> Factor {
        let n = sequence.rows.count
        guard let dropout else { return Factor(activations.probabilities.span(place), stride: n) }
        dropout.attention.apply(
            from: activations.probabilities.span(place), into: scratch.droppedProbabilities.mutableSpan(0..<n * n),
            at: address(sequence, head, dropout))
        return Factor(scratch.droppedProbabilities.span(0..<n * n), stride: n)
    }

    private func address(_ sequence: TokenBatch.Sequence, _ head: Int, _ dropout: DropoutPlan?) -> Dropout.Address {
        Dropout.Address(
            step: dropout?.step ?? 0, sequence: sequence.number,
            site: DropoutPlan.Site.attentionProbabilities(layer: layer, head: head).number)
    }

    /// One head's attention matrix of one sequence, in [heads, Σ length²].
    private func elements(of sequence: TokenBatch.Sequence, head: Int, in batch: borrowing TokenBatch) -> Range<Int> {
        let start = head * batch.attentionElementCount + sequence.attentionStart
        return start..<start + sequence.rows.count * sequence.rows.count
    }

    /// From the first to the last float of one head's columns in the rows of a sequence.
    private func span(of sequence: TokenBatch.Sequence, _ head: Int, stride: Int) -> Range<Int> {
        let start = sequence.rows.lowerBound * stride + head * headSize
        return start..<start + (sequence.rows.count - 1) * stride + headSize
    }

    @_lifetime(borrow buffer)
    private func query(_ buffer: FloatBuffer, _ sequence: TokenBatch.Sequence, _ head: Int) -> Factor {
        Factor(buffer.span(span(of: sequence, head, stride: 3 * hidden)), stride: 3 * hidden)
    }

    @_lifetime(borrow buffer)
    private func key(_ buffer: FloatBuffer, _ sequence: TokenBatch.Sequence, _ head: Int) -> Factor {
        Factor(buffer.span(span(of: sequence, head + headCount, stride: 3 * hidden)), stride: 3 * hidden)
    }

    @_lifetime(borrow buffer)
    private func value(_ buffer: FloatBuffer, _ sequence: TokenBatch.Sequence, _ head: Int) -> Factor {
        Factor(buffer.span(span(of: sequence, head + 2 * headCount, stride: 3 * hidden)), stride: 3 * hidden)
    }
}
