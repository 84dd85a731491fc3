import FoundationEssentials
import Storage
import SystemPackage

/// `metrics.jsonl`, read again. Unknown figures keep their names. Lines that cannot be read are counted.
public struct MetricsFile: Sendable {
    static let name = "metrics.jsonl"

    /// Before the names of figures of held-out sequences.
    static let evaluationPrefix = "eval_"

    /// Figures after as many updates. A figure that is null or not a number is left out.
    public struct Line: Sendable, Hashable {
        public let step: Int
        public let figures: [String: Double]
    }

    /// Lines of training, by their steps.
    public private(set) var training: [Line] = []
    /// Lines of held-out sequences, by their steps; names without the prefix.
    public private(set) var evaluation: [Line] = []
    /// Health findings, in the order of the file.
    public private(set) var findings: [RunFinding] = []
    /// Numbers of the lines that are none of these, from 1. A last line without an end is not among them: somebody is
    /// writing it, or was killed while writing.
    public private(set) var unreadableLines: [Int] = []

    /// Without figures where there is no file.
    init(in folder: FilePath) throws {
        let isThere = Folder(folder).contains(Self.name)
        self.init(isThere ? try RandomAccessFile.contents(of: folder.appending(Self.name)) : [])
    }

    public init(_ bytes: [UInt8]) {
        let decoder = JSONDecoder()
        // Other programs write NaN and Infinity as they are.
        decoder.allowsJSON5 = true
        let newline = UInt8(ascii: "\n")
        let lines = bytes.split(separator: newline, omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() where !line.isEmpty {
            if let entries = try? decoder.decode([String: Entry].self, from: Data(line)), take(entries) { continue }
            let isTorn = index == lines.count - 1
            if !isTorn { unreadableLines.append(index + 1) }
        }
        training.sort { $0.step < $1.step }
        evaluation.sort { $0.step < $1.step }
    }

    /// - Returns: whether it is a line of a run.
    private mutating func take(_ entries: [String: Entry]) -> Bool {
        guard case .number(let number)? = entries["step"], let step = Int(exactly: number), step >= 0 else {
            return false
        }
        if case .text(let cause)? = entries["health"] {
            var message = ""
            if case .text(let text)? = entries["message"] { message = text }
            findings.append(RunFinding(step: step, health: cause, message: message))
            return true
        }
        var (own, heldOut): ([String: Double], [String: Double]) = ([:], [:])
        for (name, entry) in entries where name != "step" {
            guard case .number(let value) = entry, value.isFinite else { continue }
            if name.hasPrefix(Self.evaluationPrefix) {
                heldOut[String(name.dropFirst(Self.evaluationPrefix.count))] = value
            } else {
                own[name] = value
            }
        }
        let hasHeldOut = entries.keys.contains { $0.hasPrefix(Self.evaluationPrefix) }
        if hasHeldOut { evaluation.append(Line(step: step, figures: heldOut)) }
        if !hasHeldOut || !own.isEmpty { training.append(Line(step: step, figures: own)) }
        return true
    }

    private enum Entry: Decodable {
        case number(Double)
        case text(String)
        case other

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let number = try? container.decode(Double.self) {
                self = .number(number)
            } else if let text = try? container.decode(String.self) {
                self = .text(text)
            } else {
                self = .other
            }
        }
    }
}

/// Something wrong with a run, as its log has it.
public struct RunFinding: Codable, Sendable, Hashable {
    /// Updates done when it showed.
    public let step: Int
    /// The name of its cause.
    public let health: String
    /// The problem, and a remedy.
    public let message: String
}
