import Synchronization

/// Says on standard error how far a piece of work is: a bar that redraws itself in place, or plain lines for a log.
///
/// Any thread may report. At most ten bars a second are drawn; of lines one after a few seconds, one a minute and one at the end.
package final class ProgressDisplay: Sendable {
    /// When plain lines are due, in seconds.
    package struct Schedule: Sendable {
        package var firstLine: Double
        package var interval: Double

        package init(firstLine: Double = 5, interval: Double = 60) {
            self.firstLine = firstLine
            self.interval = interval
        }
    }

    private enum Mode: Sendable, Hashable {
        case bar
        /// Work that ends before the first line is due may need no line at all.
        case lines(evenIfShort: Bool)
        case nothing
    }

    /// A moment, in seconds, and the units that were done.
    private struct Mark {
        let seconds: Double
        let completed: Int
    }

    private struct State {
        var line: ProgressLine
        var first: Mark?
        var lastDrawn: Mark?
        var isFinished = false
        /// Whether a bar stands in the last line of the terminal.
        var isVisible = false
    }

    private let device: TerminalDevice
    private let mode: Mode
    private let schedule: Schedule
    private let now: @Sendable () -> Double
    private let start: Double
    private let state: Mutex<State>

    /// - Parameters:
    ///   - label: the name of the work, such as `"Generating"`.
    ///   - unit: the units that are counted, in the plural; `"bytes"` are shown as MB.
    ///   - now: seconds since some moment.
    package init(
        _ label: String, unit: String, style: ProgressStyle = .auto, on device: TerminalDevice = .standardError,
        schedule: Schedule = Schedule(), now: @escaping @Sendable () -> Double = ProgressDisplay.secondsOfClock
    ) {
        self.device = device
        self.schedule = schedule
        self.now = now
        mode =
            switch style {
            case .auto: device.isTerminal ? .bar : .lines(evenIfShort: false)
            case .plain: .lines(evenIfShort: true)
            case .bar: .bar
            case .none: .nothing
            }
        start = now()
        state = Mutex(State(line: ProgressLine(label: label, unit: unit, completed: 0, total: nil, elapsedSeconds: 0)))
    }

    private static let processStart = ContinuousClock.now

    /// Seconds by the clock of the machine.
    package static let secondsOfClock: @Sendable () -> Double = {
        (ContinuousClock.now - processStart) / .seconds(1)
    }

    /// Reports that `completed` units are done. Work that continues an interrupted run starts above zero: the rate counts from
    /// the first report on.
    ///
    /// - Parameter details: other values worth seeing, such as a loss; the most important one comes first.
    package func show(_ completed: Int, of total: Int?, details: [String] = []) {
        guard mode != .nothing else { return }
        let mark = Mark(seconds: now(), completed: completed)
        state.withLock { state in
            state.line.completed = completed
            state.line.total = total
            state.line.details = details
            state.line.elapsedSeconds = mark.seconds - start
            if state.first == nil { state.first = mark }
            switch mode {
            case .bar: drawBar(&state, mark)
            case .lines: writeLine(&state, mark)
            case .nothing: break
            }
        }
    }

    private func drawBar(_ state: inout State, _ mark: Mark) {
        if let last = state.lastDrawn {
            let seconds = mark.seconds - last.seconds
            guard seconds >= 0.1 else { return }
            let current = Double(mark.completed - last.completed) / seconds
            // A mean that forgets in about five seconds: steady to read, and honest when the machine slows down.
            let weight = min(seconds / 5, 1)
            state.line.rate = state.line.rate.map { $0 + weight * (current - $0) } ?? current
        }
        state.lastDrawn = mark
        state.isVisible = true
        device.write("\r" + state.line.text(columns: device.columns - 1) + "\u{1B}[K")
    }

    private func writeLine(_ state: inout State, _ mark: Mark) {
        let isDue =
            state.lastDrawn.map { mark.seconds - $0.seconds >= schedule.interval }
            ?? (mark.seconds - start >= schedule.firstLine)
        guard isDue else { return }
        state.line.rate = rate(from: state.lastDrawn ?? state.first, to: mark)
        state.lastDrawn = mark
        device.write(state.line.plainText + "\n")
    }

    private func rate(from earlier: Mark?, to mark: Mark) -> Double? {
        guard let earlier, mark.seconds > earlier.seconds else { return nil }
        return Double(mark.completed - earlier.completed) / (mark.seconds - earlier.seconds)
    }

    /// Writes a line that stays: the work, its time and its rate. Only the first call counts.
    package func finish() {
        let end = now()
        state.withLock { state in
            if state.isFinished { return }
            state.isFinished = true
            state.line.elapsedSeconds = end - start
            let last = Mark(seconds: end, completed: state.line.completed)
            // A single report tells no rate.
            state.line.rate = state.first?.completed == last.completed ? nil : rate(from: state.first, to: last)
            switch mode {
            case .bar where state.isVisible:
                state.isVisible = false
                state.line.total = nil
                device.write("\r" + state.line.text(columns: device.columns - 1) + "\u{1B}[K\n")
            case .lines(let evenIfShort) where state.first != nil && (evenIfShort || end - start >= schedule.firstLine):
                device.write(state.line.lastPlainText + "\n")
            case .bar, .lines, .nothing: break
            }
        }
    }

    /// Leaves a bar as it stands and moves below it, for a message to follow.
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
