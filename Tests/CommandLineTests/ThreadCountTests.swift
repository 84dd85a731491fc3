import Foundation
import Testing

@Suite("How many threads work")
struct ThreadCountTests {
    /// Weights, optimizer and metrics of 200 steps with dropout are those of one thread, to the bit. Another number of lanes
    /// makes other weights, so the comparison can tell.
    @Test func threadsChangeNothing() throws {
        try withWorkshop { workshop in
            try workshop.addDropout()
            try workshop.run(workshop.generate(into: "shards", passes: 1))
            func train(threads: Int, lanes: Int) throws -> [String: Data] {
                let run = "run-\(threads)-\(lanes)"
                try workshop.run(
                    workshop.train(into: run, steps: 200, threads: threads)
                        + ["--batch-size", "13", "--lanes", "\(lanes)"])
                return try workshop.files(of: run).filter { $0.key.hasSuffix(".safetensors") }.merging(
                    ["metrics": workshop.metrics(of: run)]) { $1 }
            }
            for lanes in [1, 8] {
                let one = try train(threads: 1, lanes: lanes)
                #expect(one.keys.contains { $0.hasSuffix("optimizer.safetensors") })
                for threads in [2, 3, 4, 8] {
                    #expect(try train(threads: threads, lanes: lanes) == one, "\(threads) threads, \(lanes) lanes")
                }
            }
            let (one, eight) = (workshop.folder("run-1-1"), workshop.folder("run-1-8"))
            #expect(
                try Data(contentsOf: one.appendingPathComponent("model.safetensors"))
                    != Data(contentsOf: eight.appendingPathComponent("model.safetensors")))
        }
    }

    /// The generator's training likewise, stopped after each number of threads and continued with the next.
    @Test func aRunMayGoOnWithOtherThreads() throws {
        try withWorkshop { workshop in
            try workshop.addDropout()
            func command(into folder: String, steps: Int, threads: Int) -> [String] {
                ["mlm", "--text", Workshop.text, "--vocab", workshop.path("vocabulary"), "--preset"]
                    + [workshop.path("preset.json"), "--out", workshop.path(folder), "--steps", "\(steps)"]
                    + ["--batch-size", "8", "--max-length", "32", "--threads", "\(threads)"]
            }
            for first in [1, 3] {
                // Both are extended, because an extension changes the schedule from there on.
                let (here, there) = ("here-\(first)", "there-\(first)")
                try workshop.run(command(into: here, steps: 20, threads: first))
                try workshop.run(command(into: here, steps: 40, threads: first))
                try workshop.run(command(into: there, steps: 20, threads: first))
                try workshop.run(command(into: there, steps: 40, threads: 8))
                let weights = try [here, there].map { try workshop.files(of: $0)["model.safetensors"] }
                #expect(weights[0] == weights[1] && weights[0] != nil)
                #expect(try workshop.metrics(of: here) == workshop.metrics(of: there))
            }
        }
    }

    @Test(arguments: ["0", "3", "2048", "-8"]) func lanesAreAPowerOfTwo(lanes: String) throws {
        let refused = try fastElectra(["train", "--shards", "s", "--preset", "tiny", "--out", "o", "--lanes=\(lanes)"])
        #expect(refused.status == 64)
        #expect(refused.errors.contains("'--lanes' takes a power of two from 1 to 1,024, not \(lanes)"))
    }

    @Test func idleThreadsAreNamed() throws {
        try withWorkshop { workshop in
            try workshop.run(workshop.generate(into: "shards", passes: 1))
            let run = try fastElectra(workshop.train(into: "run", steps: 2, threads: 9))
            #expect(run.status == 0)
            #expect(run.errors.contains("warning: only 8 of 9 threads will work, because the batch has 8 lanes."))
        }
    }
}

extension Workshop {
    fileprivate func folder(_ name: String) -> URL { folder.appendingPathComponent(name) }

    /// To the preset.
    fileprivate func addDropout() throws {
        let file = folder("preset.json")
        var shape = try #require(JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
        shape["hidden_dropout_prob"] = 0.1
        shape["attention_probs_dropout_prob"] = 0.1
        try JSONSerialization.data(withJSONObject: shape).write(to: file)
    }

    /// The log but for the times.
    fileprivate func metrics(of run: String) throws -> Data {
        let lines = try String(contentsOf: folder(run).appendingPathComponent("metrics.jsonl"), encoding: .utf8)
        let timeless = try lines.split(separator: "\n").map { line in
            var record = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            for name in ["seconds", "tokens_per_second", "data_wait", "utilization", "peak_memory"] {
                record[name] = nil
            }
            return try JSONSerialization.data(withJSONObject: record, options: .sortedKeys)
        }
        #expect(!timeless.isEmpty)
        return Data(timeless.joined(separator: [0x0A]))
    }
}
