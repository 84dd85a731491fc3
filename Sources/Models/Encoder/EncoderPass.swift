/// The values that the encoder hands down to all of its layers on the way forward.
struct ForwardPass {
    let batch: TokenBatch
    let arena: ParameterArena
    let workspace: EncoderWorkspace
    /// `nil` where nothing is dropped.
    let dropout: DropoutPlan?
}

/// The values that it hands down on the way back.
struct BackwardPass {
    /// As it was on the way forward.
    let forward: ForwardPass
    /// Of the activations, on their way from layer to layer.
    let gradient: EncoderWorkspace.Gradients
    /// Of the parameters, added to.
    let gradients: ParameterArena
}
