import CLibrary

/// Linear warm-up to a peak, then a way down, as Hugging Face's `get_linear_schedule_with_warmup`, `get_cosine_schedule_with_warmup` and
/// `get_constant_schedule_with_warmup` have them (`optimization.py`).
public struct LearningRateSchedule: Sendable, Hashable {
    /// The way from the peak to the last step.
    public enum Shape: String, Sendable, CaseIterable {
        /// To zero, which the step after the last would have.
        case linear
        /// Half a cosine, to zero.
        case cosine
        /// The peak, to the end.
        case constant
    }

    public let peak: Float
    public let warmupSteps: Int
    public let totalSteps: Int
    public let shape: Shape

    public init(peak: Float, warmupSteps: Int, totalSteps: Int, shape: Shape = .linear) {
        self.peak = peak
        self.warmupSteps = warmupSteps
        self.totalSteps = totalSteps
        self.shape = shape
    }

    /// The rate of a step; steps count from 0.
    public func rate(at step: Int) -> Float {
        if step < warmupSteps { return peak * Float(step + 1) / Float(warmupSteps) }
        let length = max(1, totalSteps - warmupSteps)
        switch shape {
        case .linear: return peak * Float(max(0, totalSteps - step)) / Float(length)
        case .cosine:
            let share = Double(min(step, totalSteps) - warmupSteps) / Double(length)
            return peak * Float((1 + cos(Double.pi * share)) / 2)
        case .constant: return peak
        }
    }
}

/// How long the learning rate rises.
public enum Warmup: Sendable, Hashable {
    /// A share of all updates, from 0 up to, not including, 1.
    case share(Double)
    /// Updates.
    case steps(Int)

    package func steps(of total: Int) -> Int {
        switch self {
        case .share(let share): Int(Double(total) * share)
        case .steps(let steps): steps
        }
    }
}
