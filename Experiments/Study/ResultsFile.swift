import Foundation
import JSON
import Storage
import SystemPackage

/// What the steps of a study found out: JSON lines, one a finished step, added as they finish.
public struct ResultsFile: Sendable {
    /// A finished step.
    public struct Line: Sendable {
        public let step: String
        public let arguments: [String]
        /// Of the step's processes, user and system.
        public let processorSeconds: Double
        public let seconds: Double
        /// The line as it stands in the file, with what the command printed under `result`.
        public let text: String

        /// - Parameter printed: what the command wrote to standard output: a JSON object, or nothing that is kept.
        public init(
            step: String, arguments: [String], processorSeconds: Double, seconds: Double, printed: [UInt8]
        ) {
            let result = (try? JSONSerialization.jsonObject(with: Data(printed))) as? [String: Any]
            let object: [String: Any] = [
                "step": step, "arguments": arguments, "processor_seconds": Self.hundredths(processorSeconds),
                "seconds": Self.hundredths(seconds), "result": result ?? [:],
            ]
            let data = try? JSONSerialization.data(
                withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes])
            text = String(decoding: data ?? Data(), as: UTF8.self)
            (self.step, self.arguments) = (step, arguments)
            (self.processorSeconds, self.seconds) = (processorSeconds, seconds)
        }

        /// `nil` if it is not a line of a results file, because a kill cut it off.
        init?(_ text: some StringProtocol) {
            guard let object = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any],
                let step = object["step"] as? String, let arguments = object["arguments"] as? [String],
                object["result"] is [String: Any]
            else { return nil }
            (self.step, self.arguments, self.text) = (step, arguments, String(text))
            processorSeconds = object["processor_seconds"] as? Double ?? 0
            seconds = object["seconds"] as? Double ?? 0
        }

        /// What stands at a path of names and indices in the result: "starts.0.measures.accuracy.mean".
        func value(at path: String) -> Any? {
            let object = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
            return path.split(separator: ".").reduce(object?["result"]) { value, key in
                if let list = value as? [Any], let index = Int(key) { return index < list.count ? list[index] : nil }
                return (value as? [String: Any])?[String(key)]
            }
        }

        /// The first number or text of the result for which the other line has another. Times are not compared: they depend
        /// on the machine, and outputs do not.
        package func difference(from other: Line) throws -> (name: String, own: String, other: String)? {
            let others = try other.result
            for (name, value) in try result.members ?? [] where !["seconds", "tokens_per_second"].contains(name) {
                guard let another = others[name] else { continue }
                if let number = value.double, let other = another.double, number != other {
                    return (name, "\(number)", "\(other)")
                }
                if let text = value.text, let other = another.text, text != other { return (name, text, other) }
            }
            return nil
        }

        private var result: JSONValue { get throws { try JSONValue(parsing: Array(text.utf8))["result"] ?? .null } }

        private static func hundredths(_ value: Double) -> Double { (value * 100).rounded() / 100 }
    }

    public let path: FilePath
    public private(set) var lines: [Line]

    /// Reads what is there, if anything is.
    public init(_ path: FilePath) throws {
        self.path = path
        var text = ""
        if Folder(path.removingLastComponent()).contains(path.lastComponent?.string ?? "") {
            text = String(decoding: try RandomAccessFile.contents(of: path), as: UTF8.self)
        }
        lines = text.split(separator: "\n").compactMap { Line($0) }
    }

    /// A step's result, if it was run with just these arguments.
    public func line(of step: Step) -> Line? {
        lines.last { $0.step == step.name && $0.arguments == step.arguments }
    }

    /// Only what came of a plan's steps with just their arguments: lines of an older plan do not get into a table.
    public func restricted(to plan: StudyPlan) -> ResultsFile {
        var restricted = self
        restricted.lines = plan.steps.compactMap(line(of:))
        return restricted
    }

    public subscript(name: String) -> Line? { lines.last { $0.step == name } }

    /// Writes the file anew with one line more, whole or not at all.
    public mutating func append(_ line: Line) throws {
        lines.append(line)
        try DurableFile.write(Array((lines.map(\.text).joined(separator: "\n") + "\n").utf8), to: path)
    }

    public func number(_ name: String, _ path: String) -> Double? { self[name]?.value(at: path) as? Double }
    public func numbers(_ name: String, _ path: String) -> [Double]? { self[name]?.value(at: path) as? [Double] }
}
