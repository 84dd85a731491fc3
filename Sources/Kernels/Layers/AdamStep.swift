import CKernels
import KernelChoice

/// The arithmetic of one Adam update with decoupled weight decay:
///
/// m = β₁ m + (1 - β₁) g, v = β₂ v + (1 - β₂) g², x = shrinkage · x - stepSize · m / (√v · c + ε)
public struct AdamStep: Sendable {
    private let step: fast_electra_adam

    public init(
        gradientScale: Float, firstDecay: Float, secondDecay: Float, stepSize: Float, inverseRootCorrection: Float,
        epsilon: Float, shrinkage: Float
    ) {
        step = fast_electra_adam(
            gradient_scale: gradientScale, first_decay: firstDecay, second_decay: secondDecay, step_size: stepSize,
            inverse_root_correction: inverseRootCorrection, epsilon: epsilon, shrinkage: shrinkage)
    }

    public func apply(
        to parameters: consuming MutableSpan<Float>, gradient: Span<Float>, firstMoment: consuming MutableSpan<Float>,
        secondMoment: consuming MutableSpan<Float>
    ) {
        let count = parameters.count
        precondition(gradient.count == count && firstMoment.count == count && secondMoment.count == count)
        withUnsafePointer(to: step) {
            kernels.adam(
                $0, gradient.address, parameters.address, firstMoment.address, secondMoment.address, count)
        }
    }
}
