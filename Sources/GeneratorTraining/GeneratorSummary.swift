import SystemPackage
import Training

/// How the training of a generator went: `summary.json`.
struct GeneratorSummary: RunSummary {
    /// Parameters of the model.
    let parameters: Int
    let steps: Int
    /// Tokens trained on.
    let tokens: Int
    let tokensPerSecond: Double
    /// Time spent in training steps.
    let seconds: Double
    let health: [HealthFinding]
    let extensions: [RunState.Extension]
    /// The last line of `metrics.jsonl`.
    let last: MetricsRecord
    /// The Hugging Face folder.
    let output: String

    init(_ state: RunState, parameters: Int, folder: FilePath) {
        self.parameters = parameters
        steps = state.step
        tokens = state.tokenCount
        tokensPerSecond = state.tokensPerSecond
        seconds = state.seconds
        health = state.health.findings
        extensions = state.extensions
        last = state.lastRecord
        output = folder.string
    }

    /// The state at the end of the run.
    var state: RunState {
        var state = RunState(totalSteps: steps)
        (state.step, state.tokenCount, state.seconds) = (steps, tokens, seconds)
        (state.extensions, state.lastRecord, state.health) = (extensions, last, HealthRecord(findings: health))
        return state
    }
}
