import Synchronization

/// A progress line that redraws itself in place on standard error, and shows nothing unless that is a terminal.
///
/// Any thread may report; at most ten lines a second are drawn.
package final class ProgressBar: Sendable {
    private struct State {
        var line: ProgressLine
        var firstCompleted: Int?
        var lastCompleted = 0
        var lastDrawn: ContinuousClock.Instant?
        var isVisible = false
    }

    private let device: TerminalDevice
    private let start: ContinuousClock.Instant
    private let state: Mutex<State>

    /// - Parameters:
    ///   - label: what is being done, such as `"Generating"`.
    ///   - unit: what is counted, in the plural; `"bytes"` are shown as MB.
    package init(_ label: String, unit: String, on device: TerminalDevice = .standardError) {
        self.device = device
        start = .now
        state = Mutex(State(line: ProgressLine(label: label, unit: unit, completed: 0, total: nil, elapsedSeconds: 0)))
    }

    /// Reports that `completed` units are done. Work that continues an interrupted run starts above zero: the rate counts from
    /// the first report on.
    package func show(_ completed: Int, of total: Int?, detail: String = "") {
        guard device.isTerminal else { return }
        let now = ContinuousClock.now
        state.withLock { state in
            state.line.completed = completed
            state.line.total = total
            state.line.detail = detail
            state.line.elapsedSeconds = (now - start) / .seconds(1)
            guard let last = state.lastDrawn else {
                state.firstCompleted = completed
                draw(&state, now)
                return
            }
            let seconds = (now - last) / .seconds(1)
            guard seconds >= 0.1 else { return }
            let current = Double(completed - state.lastCompleted) / seconds
            // A mean that forgets in about five seconds: steady to read, and honest when the machine slows down.
            let weight = min(seconds / 5, 1)
            state.line.rate = state.line.rate.map { $0 + weight * (current - $0) } ?? current
            draw(&state, now)
        }
    }

    private func draw(_ state: inout State, _ now: ContinuousClock.Instant) {
        state.lastDrawn = now
        state.lastCompleted = state.line.completed
        state.isVisible = true
        device.write("\r" + state.line.text(columns: device.columns - 1) + "\u{1B}[K")
    }

    /// Replaces the bar by a line that stays: what was done, how long it took, how fast. To be called once, at the end.
    package func finish() {
        guard device.isTerminal else { return }
        state.withLock { state in
            guard state.isVisible else { return }
            state.isVisible = false
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            let done = state.line.completed - (state.firstCompleted ?? 0)
            var line = state.line
            line.total = nil
            line.rate = seconds > 0 ? Double(done) / seconds : nil
            line.elapsedSeconds = seconds
            device.write("\r" + line.text(columns: device.columns - 1) + "\u{1B}[K\n")
        }
    }

    /// Leaves the line as it stands and moves below it, for a message to follow.
    package func interrupt() {
        state.withLock { state in
            if state.isVisible { device.write("\n") }
            state.isVisible = false
        }
    }

    deinit {
        interrupt()
    }
}
