/// Linear warm-up to a peak, then linear decay that would reach zero at the step after the last (Hugging Face's
/// `get_linear_schedule_with_warmup`).
public struct LearningRateSchedule: Sendable, Hashable {
    public let peak: Float
    public let warmupSteps: Int
    public let totalSteps: Int

    public init(peak: Float, warmupSteps: Int, totalSteps: Int) {
        self.peak = peak
        self.warmupSteps = warmupSteps
        self.totalSteps = totalSteps
    }

    /// The rate of a step; steps count from 0.
    public func rate(at step: Int) -> Float {
        if step < warmupSteps { return peak * Float(step + 1) / Float(warmupSteps) }
        return peak * Float(max(0, totalSteps - step)) / Float(max(1, totalSteps - warmupSteps))
    }
}
