import Kernels

/// Attention and feed-forward, each followed by dropout, the residual and a layer norm (`ElectraLayer`, `BertLayer`).
struct TransformerLayer {
    let parameters: LayerParameters
    let attention: SelfAttention
    let index: Int
    let activation: Activation
    let epsilon: Float

    private var hidden: Int { parameters.attentionOutput.outputSize }
    private var intermediate: Int { parameters.intermediate.outputSize }

    func forward(_ pass: ForwardPass) {
        let n = pass.batch.count
        let (input, layer) = (pass.workspace.input(ofLayer: index), pass.workspace.layer(index))
        Linear.forward(
            input.span(0..<n * hidden), parameters.attention, of: pass.arena, rows: n, into: layer.queryKeyValue)
        attention.forward(pass)
        forwardFromContext(pass, rows: n, residual: input)
    }

    /// The part after attention, from the context of some tokens to their output.
    ///
    /// - Parameters:
    ///   - n: tokens; all of the batch where there is dropout.
    ///   - residual: the layer's input at these tokens, [n, hidden].
    func forwardFromContext(_ pass: ForwardPass, rows n: Int, residual: FloatBuffer) {
        let elements = 0..<n * hidden
        let (arena, layer) = (pass.arena, pass.workspace.layer(index))
        let activated = pass.workspace.scratch.activated
        Linear.forward(
            layer.context.span(elements), parameters.attentionOutput, of: arena, rows: n,
            into: layer.attentionNormalized)
        add(residual, to: layer.attentionNormalized, rows: n, of: pass, at: .attentionOutput(layer: index))
        LayerNorm.forward(
            layer.attentionNormalized.mutableSpan(elements), weight: arena[parameters.attentionNorm.weight],
            bias: arena[parameters.attentionNorm.bias], epsilon: epsilon,
            inverseDeviation: layer.attentionDeviation.mutableSpan(0..<n),
            into: layer.attentionOutput.mutableSpan(elements))

        let wide = 0..<n * intermediate
        Linear.forward(
            layer.attentionOutput.span(elements), parameters.intermediate, of: arena, rows: n, into: layer.intermediate)
        activation.forward(layer.intermediate.span(wide), into: activated.mutableSpan(wide))
        Linear.forward(activated.span(wide), parameters.output, of: arena, rows: n, into: layer.outputNormalized)
        add(layer.attentionOutput, to: layer.outputNormalized, rows: n, of: pass, at: .feedForwardOutput(layer: index))
        LayerNorm.forward(
            layer.outputNormalized.mutableSpan(elements), weight: arena[parameters.outputNorm.weight],
            bias: arena[parameters.outputNorm.bias], epsilon: epsilon,
            inverseDeviation: layer.outputDeviation.mutableSpan(0..<n), into: layer.output.mutableSpan(elements))
    }

    /// The input of a layer norm: the residual, plus the branch with dropout where the pass has it.
    private func add(
        _ residual: FloatBuffer, to branch: FloatBuffer, rows n: Int, of pass: ForwardPass, at site: DropoutPlan.Site
    ) {
        if let dropout = pass.dropout {
            dropout.applyHidden(to: branch, adding: residual, width: hidden, of: pass.batch, at: site)
        } else {
            let elements = 0..<n * hidden
            Rows.add(residual.span(elements), to: branch.mutableSpan(elements))
        }
    }

    /// The sum before a layer norm has two terms: the residual keeps its gradient in `hidden`, the branch gets its own.
    private func copyGradient(_ pass: BackwardPass, at site: DropoutPlan.Site) {
        let (batch, gradient) = (pass.forward.batch, pass.gradient)
        if let dropout = pass.forward.dropout {
            dropout.applyHidden(from: gradient.hidden, into: gradient.branch, width: hidden, of: batch, at: site)
        } else {
            let elements = 0..<batch.count * hidden
            Rows.copy(gradient.hidden.span(elements), to: gradient.branch.mutableSpan(elements))
        }
    }

    /// From the gradient of the layer's output to that of its input, in `gradient.hidden`; adds to the parameters'.
    func backward(_ pass: BackwardPass) {
        backwardFeedForward(pass)
        backwardAttention(pass)
    }

    private func backwardFeedForward(_ pass: BackwardPass) {
        let (gradient, gradients, arena) = (pass.gradient, pass.gradients, pass.forward.arena)
        let n = pass.forward.batch.count
        let (elements, wide) = (0..<n * hidden, 0..<n * intermediate)
        let layer = pass.forward.workspace.layer(index)
        let activated = pass.forward.workspace.scratch.activated
        LayerNorm.backward(
            gradient.hidden.mutableSpan(elements), normalized: layer.outputNormalized.span(elements),
            inverseDeviation: layer.outputDeviation.span(0..<n), weight: arena[parameters.outputNorm.weight],
            weightGradient: gradients.mutableSpan(of: parameters.outputNorm.weight),
            biasGradient: gradients.mutableSpan(of: parameters.outputNorm.bias))
        copyGradient(pass, at: .feedForwardOutput(layer: index))
        Linear.propagate(
            gradient.branch.span, through: parameters.output, of: arena, rows: n, into: gradient.intermediate)
        activation.backward(
            layer.intermediate.span(wide), activated: activated.mutableSpan(wide),
            gradient: gradient.intermediate.mutableSpan(wide))
        Linear.accumulateGradients(
            parameters.output, input: activated.span, outputGradient: gradient.branch.span, rows: n, into: gradients)
        Linear.accumulateGradients(
            parameters.intermediate, input: layer.attentionOutput.span, outputGradient: gradient.intermediate.span,
            rows: n, into: gradients)
        Linear.propagate(
            gradient.intermediate.span, through: parameters.intermediate, of: arena, rows: n, keeping: 1,
            into: gradient.hidden)
    }

    private func backwardAttention(_ pass: BackwardPass) {
        let (gradient, gradients, arena) = (pass.gradient, pass.gradients, pass.forward.arena)
        let n = pass.forward.batch.count
        let elements = 0..<n * hidden
        let (input, layer) = (pass.forward.workspace.input(ofLayer: index), pass.forward.workspace.layer(index))
        LayerNorm.backward(
            gradient.hidden.mutableSpan(elements), normalized: layer.attentionNormalized.span(elements),
            inverseDeviation: layer.attentionDeviation.span(0..<n), weight: arena[parameters.attentionNorm.weight],
            weightGradient: gradients.mutableSpan(of: parameters.attentionNorm.weight),
            biasGradient: gradients.mutableSpan(of: parameters.attentionNorm.bias))
        copyGradient(pass, at: .attentionOutput(layer: index))
        Linear.accumulateGradients(
            parameters.attentionOutput, input: layer.context.span, outputGradient: gradient.branch.span, rows: n,
            into: gradients)
        Linear.propagate(
            gradient.branch.span, through: parameters.attentionOutput, of: arena, rows: n, into: gradient.context)
        attention.backward(pass)
        Linear.accumulateGradients(
            parameters.attention, input: input.span, outputGradient: gradient.queryKeyValue.span, rows: n,
            into: gradients)
        Linear.propagate(
            gradient.queryKeyValue.span, through: parameters.attention, of: arena, rows: n, keeping: 1,
            into: gradient.hidden)
    }
}
