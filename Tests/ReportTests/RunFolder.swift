import Fixtures
import Foundation
import Report
import Storage
import SystemPackage

/// The folder of a run, made by hand.
struct RunFolder {
    let path: FilePath
    var settings = ["command": "train", "--seed": "1", "--shards": "10 sequences in 1 shards, 0a", "--focal": ""]

    init(_ name: String = "run") throws {
        path = try temporaryFolder().appending(name)
        try Folder(path).create()
    }

    func write(_ text: String, to name: String) throws {
        try DurableFile.write(text, to: path.appending(name))
    }

    /// Writes the settings and the log, and reads them again.
    func run(_ log: String = "", summary: String? = nil) throws -> RecordedRun {
        let json = try JSONSerialization.data(withJSONObject: settings)
        try write(String(decoding: json, as: UTF8.self), to: "run.json")
        if !log.isEmpty { try write(log, to: "metrics.jsonl") }
        if let summary { try write(summary, to: "summary.json") }
        return try RecordedRun(path)
    }

    func contents(of name: String) throws -> String {
        String(decoding: try RandomAccessFile.contents(of: path.appending(name)), as: UTF8.self)
    }

    /// As `train` writes it: a line every `interval` steps, and one of held-out sequences every hundred.
    static func log(steps: Int, interval: Int = 10) -> String {
        var log = ""
        for step in stride(from: interval, through: steps, by: interval) {
            let x = Double(step)
            log += #"{"auc":\#(0.5 + x / 7e4),"loss":\#(1 / 3 + 1 / x),"replace_rate":0.125,"seconds":\#(x / 3),"#
            log += #""step":\#(step),"temperature":\#(1 + 1 / x),"tokens":\#(step * 97)}"# + "\n"
            if step.isMultiple(of: 100) { log += #"{"eval_loss":\#(0.25 + 1 / x),"step":\#(step)}"# + "\n" }
        }
        return log
    }

    static let summary = #"""
        {"best": {"loss": 0.26, "path": "run/checkpoint-00000100", "step": 100}, "evaluations": [
        {"accuracy": 0.9, "auc": 0.75, "loss": 0.3, "precision": null, "recall": 0.5, "replace_rate": 0.125, "temperature": 1},
        {"accuracy": 0.8, "auc": 0.85, "loss": 0.2, "precision": 0.5, "recall": 0.25, "replace_rate": 0.25, "temperature": 2}],
        "parameters": 1234567, "seconds": 120.5, "steps": 100, "tokens": 9700}
        """#
}
