import Fixtures
import Storage
import SystemPackage
import Testing
import Train
import Training

/// TensorBoard's files of a run, byte by byte. (`conformance/tensorboard_scalars.py` reads them with TensorBoard.)
@Suite struct EventFileTests {
    /// The messages of a file, whose frames must be whole.
    private func messages(_ bytes: [UInt8]) throws -> [[UInt8]] {
        var rest = bytes[...]
        func take(_ count: Int) throws -> [UInt8] {
            try #require(rest.count >= count)
            defer { rest = rest.dropFirst(count) }
            return Array(rest.prefix(count))
        }
        func number(_ bytes: [UInt8]) -> UInt64 { bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
        var messages: [[UInt8]] = []
        while !rest.isEmpty {
            let length = try take(8)
            #expect(number(try take(4)) == UInt64(RecordChecksum.masked(length)))
            let message = try take(Int(number(length)))
            #expect(number(try take(4)) == UInt64(RecordChecksum.masked(message)))
            messages.append(message)
        }
        return messages
    }

    /// As it should be, at the time that the message itself has.
    private func expected(_ content: EventMessage.Content, step: Int, like message: [UInt8]) -> [UInt8] {
        let time = message.dropFirst().prefix(8).reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        return EventMessage(content, step: step, wallTime: Double(bitPattern: time)).bytes
    }

    @Test func holdTheNumbersOfTheLog() throws {
        var run = try SmallRun(SyntheticDataset(), steps: 17)
        run.heldOut = try SyntheticDataset(sequences: 10, seed: 5)
        run.replay.evaluationInterval = 6
        try run.train(stoppingAfter: 8)
        let before = try run.log(withTimes: true)
        // A kill in the midst of a record.
        let name = try #require(try Folder(run.folder).names().first { $0.hasPrefix("events.out.tfevents.") })
        let events = try run.contents(of: name)
        try DurableFile.write(events + EventRecord.framing([1, 2, 3]).dropLast(2), to: run.folder.appending(name))
        try run.train()
        let log = try run.log(withTimes: true)
        #expect(Array(log.prefix(before.count)) == before, "nothing was made twice")
        let parts = [(steps: 0, lines: log.prefix(before.count)), (steps: 8, lines: log.dropFirst(before.count))]
        #expect(try Folder(run.folder).names().filter { $0.hasPrefix("events.out.tfevents.") } == [name])
        var messages = try messages(run.contents(of: name))[...]
        try #require(messages.count == 3 + log.count)
        func next(is content: EventMessage.Content, step: Int) {
            let message = messages.removeFirst()
            #expect(message == expected(content, step: step, like: message))
        }
        next(is: .fileVersion("brain.Event:2"), step: 0)
        for part in parts {
            next(is: .restart, step: part.steps + 1)
            for line in part.lines {
                let step = try #require(line["step"]?.number)
                let scalars = line.filter { $0.key != "step" }.map { name, value in
                    let isHeldOut = name.hasPrefix("eval_")
                    return (isHeldOut ? "eval/" + name.dropFirst(5) : "train/" + name, value.number ?? .nan)
                }
                next(is: .scalars(Dictionary(uniqueKeysWithValues: scalars)), step: Int(step))
            }
        }
    }

    /// A fine-tuning in the same folder has an events file, too. Its host's name tells it from ours.
    @Test func theFilesOfOthersStayAsTheyAre() throws {
        let run = try SmallRun(SyntheticDataset(), steps: 3)
        try run.parameters.bind(to: run.folder)
        let others = ["events.out.tfevents.9999999999.node-17.4.0", "events.out.tfevents.9999999999.node-17"]
        for name in others { try DurableFile.write("theirs", to: run.folder.appending(name)) }
        try run.train()
        for name in others { #expect(try run.contents(of: name) == Array("theirs".utf8)) }
    }

    /// The figures that the issue of long runs wants in the log are there, under these names.
    @Test func everyScalarIsLogged() throws {
        var run = try SmallRun(SyntheticDataset(), steps: 3)
        run.heldOut = try SyntheticDataset(sequences: 10, seed: 5)
        try run.train()
        let detection = ["loss", "accuracy", "precision", "recall", "auc", "replace_rate", "sampled_original_rate"]
        let training = [
            "temperature", "epoch", "learning_rate", "gradient_norm", "tokens_per_second", "data_wait", "sentence_loss",
            "flops_per_token", "peak_memory",
            "tokens", "seconds",
        ]
        let lines = try run.log(withTimes: true).map { Set($0.keys) }
        #expect(lines == [Set(detection + training + ["step"]), Set(detection.map { "eval_" + $0 } + ["step"])])
    }
}
