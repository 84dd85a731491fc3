import Foundation
import Synchronization
import Terminal
import Testing

/// The text that a display writes as time goes by. The time is the test's own.
@Suite("The progress display")
struct ProgressDisplayTests {
    private final class Time: Sendable {
        private let seconds = Mutex(100.0)
        func set(_ value: Double) { seconds.withLock { $0 = 100 + value } }
        var now: Double { seconds.withLock { $0 } }
    }

    /// The text that a display of that style writes on a file, which is not a terminal.
    private func written(_ style: ProgressStyle, _ body: (ProgressDisplay, Time) -> Void) throws -> String {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("progress-\(UUID().uuidString)").path
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        try #require(descriptor >= 0)
        unlink(path)
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        let time = Time()
        let display = ProgressDisplay(
            "Generating", unit: "tokens", style: style, on: TerminalDevice(descriptor), now: { time.now })
        body(display, time)
        try file.seek(toOffset: 0)
        return String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
    }

    /// An hour of work at 1,000 tokens a second, a report a second.
    private func work(_ display: ProgressDisplay, _ time: Time, seconds: Int, total: Int = 3_600_000) {
        for second in 1...seconds {
            time.set(Double(second))
            display.show(1000 * second, of: total, details: ["loss 0.5"])
        }
        display.finish()
    }

    @Test func aLogHasALineSoonOneAMinuteAndOneAtTheEnd() throws {
        let lines = try written(.auto) { work($0, $1, seconds: 3600) }.split(separator: "\n")
        #expect(lines.count == 1 + 59 + 1)
        #expect(
            lines.first
                == "Generating: 0 %, 5,000 of 3,600,000 tokens, loss 0.5, 1.00k tokens/s, 0:05 so far, 59:55 left")
        #expect(
            lines[1] == "Generating: 1 %, 65,000 of 3,600,000 tokens, loss 0.5, 1.00k tokens/s, 1:05 so far, 58:55 left"
        )
        #expect(
            lines.last
                == "Generating: 100 %, 3,600,000 of 3,600,000 tokens, loss 0.5, 1.00k tokens/s, 1:00:00 in all")
    }

    /// Unless lines were asked for, work of a few seconds is told by its result alone.
    @Test func shortWorkIsQuiet() throws {
        #expect(try written(.auto) { work($0, $1, seconds: 4) }.isEmpty)
        #expect(
            try written(.plain) { work($0, $1, seconds: 4, total: 4000) }
                == "Generating: 100 %, 4,000 of 4,000 tokens, loss 0.5, 1.00k tokens/s, 0:04 in all\n")
        let onlyReport = try written(.plain) { display, time in
            time.set(3)
            display.show(8015, of: 8015)
            time.set(4)
            display.finish()
        }
        #expect(onlyReport == "Generating: 100 %, 8,015 of 8,015 tokens, 0:04 in all\n", "one report tells no rate")
        #expect(try written(.plain) { display, _ in display.finish() }.isEmpty, "nothing was begun")
        #expect(try written(.none) { work($0, $1, seconds: 3600) }.isEmpty)
    }

    /// `vocab` ended its first stage with each piece of its second: a log of thousands of lines.
    @Test func endsOnce() throws {
        let lines = try written(.auto) { display, time in
            work(display, time, seconds: 10, total: 10_000)
            time.set(11)
            display.finish()
        }.split(separator: "\n")
        #expect(lines.count == 2 && lines.last?.hasSuffix("0:10 in all") == true, "\(lines)")
    }

    /// A step may take longer than the first line waits: it is told at once, without a rate that nobody knows yet.
    @Test func slowWorkIsToldWithItsFirstReport() throws {
        let lines = try written(.auto) { display, time in
            time.set(90)
            display.show(500, of: 2000)
            time.set(180)
            display.show(1000, of: 2000)
            time.set(200)
            display.finish()
        }.split(separator: "\n")
        #expect(
            lines == [
                "Generating: 25 %, 500 of 2,000 tokens, 1:30 so far",
                "Generating: 50 %, 1,000 of 2,000 tokens, 5.56 tokens/s, 3:00 so far, 3:00 left",
                "Generating: 50 %, 1,000 of 2,000 tokens, 4.55 tokens/s, 3:20 in all",
            ])
    }

    /// The work of an earlier run does not count for the speed of this one.
    @Test func continuedWorkCountsFromItsFirstReport() throws {
        let text = try written(.plain) { display, time in
            time.set(1)
            display.show(1_000_000, of: 2_000_000)
            time.set(11)
            display.show(1_001_000, of: 2_000_000)
        }
        #expect(text.contains(" 100 tokens/s"))
    }

    @Test func aBarRedrawsItself() throws {
        let text = try written(.bar) { work($0, $1, seconds: 3) }
        #expect(text.components(separatedBy: "\r").count == 1 + 3 + 1)
        #expect(text.hasSuffix("\u{1B}[K\n") && !text.dropLast().contains("\n"))
    }
}
