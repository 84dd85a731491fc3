import CLibrary

/// The loss of a token: binary cross-entropy with a logit (PyTorch's `BCEWithLogitsLoss`).
package enum ReplacedTokenDetection {
    /// log(1 + e^x) - x · label, without overflow for large |x|.
    package static func loss(logit x: Float, label: UInt8) -> Double {
        let x = Double(x)
        return max(x, 0) - x * Double(label) + log1p(exp(-abs(x)))
    }

    /// d loss / d logit = σ(x) - label
    package static func gradient(logit x: Float, label: UInt8) -> Float {
        1 / (1 + expf(-x)) - Float(label)
    }
}
