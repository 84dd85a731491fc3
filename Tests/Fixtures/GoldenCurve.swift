import Testing

extension GoldenModel {
    /// The learning rate of the golden run: warm-up over 3 steps, then linear decay to 0 at 10.
    package static func rate(at step: Int) -> Float {
        5e-4 * (step < 3 ? Float(step + 1) / 3 : Float(10 - step) / 7)
    }

    /// Compares loss and gradient norm of ten steps: 1e-4 relative.
    package func expectCurve(_ run: (_ update: (_ step: Int, _ loss: Float, _ norm: Float) -> Void) throws -> Void)
        rethrows
    {
        try run { step, loss, norm in
            #expect(abs(loss - curve.losses[step]) <= 1e-4 * curve.losses[step], "loss of step \(step)")
            #expect(abs(norm - curve.norms[step]) <= 1e-4 * curve.norms[step], "gradient norm of step \(step)")
        }
    }
}
