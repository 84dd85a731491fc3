import Foundation
import Storage
import SystemPackage

/// What the steps of a study found out: JSON lines, one a finished step, appended as they finish.
public struct ResultsFile {
    /// A finished step. `result` is what its command printed.
    public struct Line {
        public var step: String
        public var arguments: [String]
        /// Of the step's processes, user and system.
        public var processorSeconds: Double
        public var seconds: Double
        public var result: Any

        /// Compact JSON with sorted keys, so that equal results are equal lines.
        public func text() throws -> String {
            let object: [String: Any] = [
                "step": step, "arguments": arguments, "processor_seconds": (processorSeconds * 100).rounded() / 100,
                "seconds": (seconds * 100).rounded() / 100, "result": result,
            ]
            let data = try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes])
            return String(decoding: data, as: UTF8.self)
        }

        init?(_ text: some StringProtocol) {
            guard let object = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any],
                let step = object["step"] as? String, let arguments = object["arguments"] as? [String],
                let result = object["result"]
            else { return nil }
            self.init(
                step: step, arguments: arguments, processorSeconds: object["processor_seconds"] as? Double ?? 0,
                seconds: object["seconds"] as? Double ?? 0, result: result)
        }

        public init(step: String, arguments: [String], processorSeconds: Double, seconds: Double, result: Any) {
            (self.step, self.arguments, self.processorSeconds) = (step, arguments, processorSeconds)
            (self.seconds, self.result) = (seconds, result)
        }
    }

    public let path: FilePath
    public private(set) var lines: [Line]

    /// Reads what is there. A last line that was cut off by a kill is dropped; its step runs again.
    public init(_ path: FilePath) throws {
        self.path = path
        let text = (try? String(contentsOfFile: path.string, encoding: .utf8)) ?? ""
        lines = text.split(separator: "\n").compactMap { Line($0) }
    }

    /// A step's result, if it was run with just these arguments.
    public func line(of step: Step) -> Line? {
        lines.last { $0.step == step.name && $0.arguments == step.arguments }
    }

    public subscript(name: String) -> Line? { lines.last { $0.step == name } }

    /// Writes the file anew with one line more, whole or not at all.
    public mutating func append(_ line: Line) throws {
        lines.append(line)
        let text = try lines.map { try $0.text() + "\n" }.joined()
        try DurableFile.write(Array(text.utf8), to: path)
    }

    /// A number of a result, by its path of names and indices: "starts.0.measures.accuracy.mean".
    public func number(_ name: String, _ path: String) -> Double? {
        Self.value(self[name]?.result, path) as? Double
    }

    public func numbers(_ name: String, _ path: String) -> [Double]? {
        Self.value(self[name]?.result, path) as? [Double]
    }

    private static func value(_ object: Any?, _ path: String) -> Any? {
        path.split(separator: ".").reduce(object) { value, key in
            if let list = value as? [Any], let index = Int(key) { return index < list.count ? list[index] : nil }
            return (value as? [String: Any])?[String(key)]
        }
    }
}
