import Testing
import Training

@Suite("What is due after a step") struct RunCalendarTests {
    private let calendar = RunCalendar(steps: 10, logInterval: 3, checkpointInterval: 5, evaluationInterval: 4)

    /// A run that does at once whatever is due, as the trainer does.
    @Test func inTheOrderOfARun() {
        var (evaluated, saved): (Int, Int?) = (0, nil)
        let found = (0...10).map { step in
            let duties = calendar.duties(after: step, evaluated: evaluated, best: nil, saved: saved)
            if duties.contains(.evaluate) { evaluated = step }
            if duties.contains(.save) { saved = step }
            return duties
        }
        #expect(
            found == [
                [], [], [], .log, .evaluate, .save, .log, [], .evaluate, .log, [.log, .evaluate, .save, .end],
            ])
    }

    /// A run that goes on from a checkpoint does nothing twice.
    @Test func nothingTwice() {
        #expect(calendar.duties(after: 5, evaluated: 4, best: nil, saved: 5) == [])
        #expect(calendar.duties(after: 8, evaluated: 8, best: nil, saved: nil) == [])
        #expect(calendar.duties(after: 10, evaluated: 10, best: 10, saved: 10) == [.log, .end])
    }

    @Test func theBestIsSavedAtOnce() {
        #expect(calendar.duties(after: 8, evaluated: 8, best: 8, saved: 5) == .save)
        #expect(calendar.duties(after: 8, evaluated: 8, best: 8, saved: 8) == [])
        #expect(calendar.duties(after: 9, evaluated: 8, best: 8, saved: 8) == .log)
    }

    /// The last step is logged, measured and nothing follows it, whatever the intervals; its checkpoint the trainer writes at the end.
    @Test func theLastStep() {
        let calendar = RunCalendar(steps: 7, logInterval: 100, checkpointInterval: 100, evaluationInterval: 100)
        #expect(calendar.duties(after: 6, evaluated: 0, best: nil, saved: nil) == [])
        #expect(calendar.duties(after: 7, evaluated: 0, best: nil, saved: nil) == [.log, .evaluate, .end])
        let unmeasured = RunCalendar(steps: 7, logInterval: 100, checkpointInterval: 7, evaluationInterval: nil)
        #expect(unmeasured.duties(after: 7, evaluated: 0, best: nil, saved: nil) == [.log, .save, .end])
    }

    /// Before the first step nothing is, unless there is none.
    @Test func theStart() {
        #expect(calendar.duties(after: 0, evaluated: 0, best: nil, saved: nil) == [])
    }
}
