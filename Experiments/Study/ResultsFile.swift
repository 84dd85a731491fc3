import Foundation
import JSON
import Storage
import SystemPackage

/// The results of the steps of a study: JSON lines, one a finished step, added as they finish.
public struct ResultsFile: Sendable {
    /// A finished step.
    public struct Line: Sendable {
        public let step: String
        public let arguments: [String]
        /// Of the step's processes, user and system.
        public let processorSeconds: Double
        public let seconds: Double
        /// The line as it stands in the file, with the command's output under `result` and the machine's processor.
        public let text: String
        private let result: JSONValue

        /// - Parameter printed: the command's standard output: a JSON object; anything else is not kept.
        public init(
            step: String, arguments: [String], processorSeconds: Double, seconds: Double, printed: [UInt8]
        ) {
            let result = (try? JSONSerialization.jsonObject(with: Data(printed))) as? [String: Any]
            var object: [String: Any] = [
                "step": step, "arguments": arguments, "processor_seconds": Self.hundredths(processorSeconds),
                "seconds": Self.hundredths(seconds), "result": result ?? [:],
            ]
            object["processor"] = Processor.name
            let data = try? JSONSerialization.data(
                withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes])
            text = String(decoding: data ?? Data(), as: UTF8.self)
            (self.step, self.arguments) = (step, arguments)
            (self.processorSeconds, self.seconds) = (processorSeconds, seconds)
            self.result = (try? JSONValue(parsing: printed)) ?? .null
        }

        /// `nil` if it is not a line of a results file.
        init?(_ text: some StringProtocol) {
            guard let object = try? JSONValue(parsing: Array(text.utf8)), let step = object["step"]?.text,
                let arguments = object["arguments"]?.elements, let result = object["result"], result.members != nil
            else { return nil }
            (self.step, self.arguments) = (step, arguments.compactMap(\.text))
            (self.text, self.result) = (String(text), result)
            processorSeconds = object["processor_seconds"]?.double ?? 0
            seconds = object["seconds"]?.double ?? 0
        }

        /// The value at a path of names and indices in the result: "starts.0.measures.accuracy.mean".
        func value(at path: String) -> JSONValue? {
            path.split(separator: ".").reduce(result) { value, key in
                if let elements = value?.elements, let index = Int(key) {
                    return elements.indices.contains(index) ? elements[index] : nil
                }
                return value?[String(key)]
            }
        }

        /// The first number or text of the result for which the other line has another, losses and areas under the curve
        /// among them, and its path.
        package func difference(from other: Line) -> (path: String, own: String, other: String)? {
            Self.difference(result, other.result, at: [])
        }

        private static func difference(
            _ own: JSONValue, _ other: JSONValue, at path: [String]
        ) -> (path: String, own: String, other: String)? {
            switch (own, other) {
            case (.object(let members), _):
                for (name, value) in members where !machineFigures.contains(name) {
                    guard let another = other[name] else { continue }
                    if let found = difference(value, another, at: path + [name]) { return found }
                }
            case (.array(let values), .array(let others)):
                for (index, (value, another)) in zip(values, others).enumerated() {
                    if let found = difference(value, another, at: path + ["\(index)"]) { return found }
                }
            case (.number, .number) where own.double != other.double, (.string, .string) where own.text != other.text:
                return (path.joined(separator: "."), own.summary, other.summary)
            default: break
            }
            return nil
        }

        /// They depend on the machine, and outputs do not.
        private static let machineFigures: Set = [
            "data_wait", "peak_memory", "seconds", "tokens_per_second", "utilization",
        ]

        private static func hundredths(_ value: Double) -> Double { (value * 100).rounded() / 100 }
    }

    public let path: FilePath
    public private(set) var lines: [Line]

    /// A line that is not a result. A merge or an editor left it, because lines are added whole.
    public struct UnreadableLine: Error, CustomStringConvertible {
        let path: FilePath
        let number: Int

        public var description: String {
            "\(path), line \(number): this is not a result. Correct the line or remove it"
        }
    }

    /// Reads the lines of the file, if it is there.
    ///
    /// - Throws: ``UnreadableLine``; errors of reading.
    public init(_ path: FilePath) throws {
        self.path = path
        var text = ""
        if Folder(path.removingLastComponent()).contains(path.lastComponent?.string ?? "") {
            text = String(decoding: try RandomAccessFile.contents(of: path), as: UTF8.self)
        }
        lines = try text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
            .filter { !$0.element.isEmpty }.map { index, text in
                guard let line = Line(text) else { throw UnreadableLine(path: path, number: index + 1) }
                return line
            }
    }

    /// A step's result, if it was run with just these arguments.
    public func line(of step: Step) -> Line? {
        lines.last { $0.step == step.name && $0.arguments == step.arguments }
    }

    /// Only the results of a plan's steps with exactly their arguments: lines of an older plan do not get into a table.
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

    public func number(_ name: String, _ path: String) -> Double? { self[name]?.value(at: path)?.double }
    public func numbers(_ name: String, _ path: String) -> [Double]? {
        self[name]?.value(at: path)?.elements?.compactMap(\.double)
    }
}
