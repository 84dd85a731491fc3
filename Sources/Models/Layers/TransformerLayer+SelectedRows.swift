import Kernels

extension TransformerLayer {
    /// The layer's output at some tokens only: all that is asked of a masked language model's last layer.
    ///
    /// Keys and values are of all tokens; queries, and everything after attention, of the selected ones. For inference only:
    /// buffers hold other values than after ``forward(_:)``.
    ///
    /// - Parameter rows: [selected], rising; the output is [selected, hidden].
    func forward(_ pass: ForwardPass, at rows: Span<Int32>) {
        let (n, m, hidden) = (pass.batch.count, rows.count, parameters.attentionOutput.outputSize)
        let (input, layer) = (pass.workspace.input(ofLayer: index), pass.workspace.layer(index))
        let stride = 3 * hidden
        Linear.forward(
            input.span(0..<n * hidden), parameters.attention, outputs: hidden..<stride, of: pass.arena, rows: n,
            into: layer.queryKeyValue.mutableSpan(hidden..<n * stride), stride: stride)
        let (selected, query) = (layer.outputNormalized, layer.attentionOutput)  // [selected, hidden] both
        Rows.gather(input.span(0..<n * hidden), at: rows, width: hidden, into: selected.mutableSpan(0..<m * hidden))
        Linear.forward(
            selected.span(0..<m * hidden), parameters.attention, outputs: 0..<hidden, of: pass.arena, rows: m,
            into: query.mutableSpan(0..<m * hidden), stride: hidden)
        attention.forward(pass, queries: query, at: rows)
        forwardFromContext(pass, rows: m, residual: selected)
    }
}
