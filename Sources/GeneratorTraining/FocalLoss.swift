import CLibrary

/// The focal loss -(1 - q)^γ ln q of a token with the probability q (Lin et al. 2017; for generators Hao et al. 2021).
struct FocalLoss {
    let loss: Double
    /// The factor of the gradient of the cross-entropy: (1 - q)^γ - γ q (1 - q)^(γ - 1) ln q.
    let gradientFactor: Float

    /// - Parameters:
    ///   - exponent: γ, above 0.
    ///   - crossEntropy: -ln q, to within the rounding of floats.
    init(exponent: Float, crossEntropy: Float) {
        let surprise = max(0, Double(crossEntropy))
        let rest = -expm1(-surprise)
        guard rest > 0 else {
            (loss, gradientFactor) = (0, 0)
            return
        }
        let weight = pow(rest, Double(exponent))
        loss = weight * surprise
        gradientFactor = Float(weight * (1 + Double(exponent) * (1 - rest) * surprise / rest))
    }
}
