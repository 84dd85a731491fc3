import Kernels

extension TransformerLayer {
    /// The layer's output at some tokens only: all that is asked of a masked language model's last layer.
    ///
    /// Keys and values are of all tokens; queries, and everything after attention, of the selected ones. For inference only:
    /// buffers hold what they would not in ``forward(_:arena:workspace:dropout:)``.
    ///
    /// - Parameter rows: [selected], rising; the output is [selected, hidden].
    func forward(
        _ batch: borrowing TokenBatch, at rows: Span<Int32>, arena: ParameterArena, workspace: EncoderWorkspace
    ) {
        let (n, m, hidden) = (batch.count, rows.count, parameters.attentionOutput.outputSize)
        let (input, layer) = (workspace.input(ofLayer: index), workspace.layer(index))
        let stride = 3 * hidden
        Linear.forward(
            input.span(0..<n * hidden), parameters.attention, outputs: hidden..<stride, of: arena, rows: n,
            into: layer.queryKeyValue.mutableSpan(hidden..<n * stride), stride: stride)
        let (selected, query) = (layer.outputNormalised, layer.attentionOutput)  // [selected, hidden] both
        Rows.gather(input.span(0..<n * hidden), at: rows, width: hidden, into: selected.mutableSpan(0..<m * hidden))
        Linear.forward(
            selected.span(0..<m * hidden), parameters.attention, outputs: 0..<hidden, of: arena, rows: m,
            into: query.mutableSpan(0..<m * hidden), stride: hidden)
        attention.forward(batch, queries: query, at: rows, activations: layer)
        forwardFromContext(batch, rows: m, residual: selected, arena: arena, workspace: workspace, dropout: nil)
    }
}
