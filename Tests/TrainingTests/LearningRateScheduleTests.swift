import Testing
import Training

@Suite struct LearningRateScheduleTests {
    @Test func warmsUpThenDecays() {
        let schedule = LearningRateSchedule(peak: 8, warmupSteps: 4, totalSteps: 12)
        #expect((0...13).map { schedule.rate(at: $0) } == [2, 4, 6, 8, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0])
    }

    @Test func withoutWarmup() {
        let schedule = LearningRateSchedule(peak: 1, warmupSteps: 0, totalSteps: 4)
        #expect((0..<4).map { schedule.rate(at: $0) } == [1, 0.75, 0.5, 0.25])
    }

    @Test func warmupOfTheWholeRun() {
        let schedule = LearningRateSchedule(peak: 1, warmupSteps: 2, totalSteps: 2)
        #expect((0..<3).map { schedule.rate(at: $0) } == [0.5, 1, 0])
    }

    /// `get_cosine_schedule_with_warmup` of transformers: rate · (1 + cos(π · progress)) / 2.
    @Test func cosine() {
        let schedule = LearningRateSchedule(peak: 8, warmupSteps: 2, totalSteps: 6, shape: .cosine)
        let expected: [Float] = [4, 8, 8, 6.828427, 4, 1.171573, 0, 0]
        for (step, rate) in expected.enumerated() { #expect(abs(schedule.rate(at: step) - rate) < 1e-5, "\(step)") }
    }

    @Test func constant() {
        let schedule = LearningRateSchedule(peak: 8, warmupSteps: 2, totalSteps: 6, shape: .constant)
        #expect((0...6).map { schedule.rate(at: $0) } == [4, 8, 8, 8, 8, 8, 8])
    }
}
