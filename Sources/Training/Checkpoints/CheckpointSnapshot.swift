import Kernels
import Models

/// A copy of a checkpoint's content, so that training goes on while it is written.
///
/// Takes 12 bytes a parameter, from the first checkpoint to the end of the run.
struct CheckpointSnapshot: Sendable {
    let parameters: ParameterArena
    let firstMoment: ParameterArena
    let secondMoment: ParameterArena

    init(_ layout: ParameterLayout) {
        parameters = ParameterArena(layout)
        firstMoment = ParameterArena(layout)
        secondMoment = ParameterArena(layout)
    }

    /// To be called while nobody reads the snapshot.
    func take(_ parameters: ParameterArena, _ optimizer: AdamW) {
        Self.copy(parameters, to: self.parameters)
        Self.copy(optimizer.firstMoment, to: firstMoment)
        Self.copy(optimizer.secondMoment, to: secondMoment)
    }

    /// Whether every parameter is a number, and none absurdly large.
    var isFinite: Bool { Rows.sumOfSquares(parameters.values.span).isFinite }

    private static func copy(_ source: ParameterArena, to target: ParameterArena) {
        Rows.copy(source.values.span, to: target.values.mutableSpan)
    }
}
