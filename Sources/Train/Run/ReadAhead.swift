import Dispatch
import Synchronization

/// Reads the input of the next step on a thread of its own while the present step computes.
///
/// One step ahead: replay is some hundred times faster than training, so more would be memory for nothing.
final class ReadAhead<Input: Sendable>: Sendable {
    private let stepCount: Int
    private let read: @Sendable (_ step: Int) throws -> Input
    private let queue = DispatchQueue(label: "replay")
    private let started = Mutex<(step: Int, reading: Reading)?>(nil)

    /// The result of one step's reading.
    private final class Reading: Sendable {
        let result = Mutex<Result<Input, any Error>?>(nil)
        let isDone = DispatchSemaphore(value: 0)
    }

    /// - Parameters:
    ///   - stepCount: nothing is read for steps from this one on.
    ///   - read: returns the input of a step. Called by one thread at a time, in the order of the steps asked for.
    init(stepCount: Int, read: @escaping @Sendable (_ step: Int) throws -> Input) {
        self.stepCount = stepCount
        self.read = read
    }

    /// Waits for the input of `step`, and starts to read that of the step after it.
    func input(for step: Int) throws -> Input {
        let reading = started.withLock { started in
            let own = started?.step == step ? started!.reading : start(step)
            started = step + 1 < stepCount ? (step + 1, start(step + 1)) : nil
            return own
        }
        reading.isDone.wait()
        guard let result = reading.result.withLock({ $0 }) else { preconditionFailure("the reading is done") }
        return try result.get()
    }

    private func start(_ step: Int) -> Reading {
        let reading = Reading()
        queue.async { [read] in
            let result = Result { try read(step) }
            reading.result.withLock { $0 = result }
            reading.isDone.signal()
        }
        return reading
    }
}
