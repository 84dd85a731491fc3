import JSON
import Storage
import SystemPackage

/// A run as its folder has it: finished, interrupted, or still going on.
public struct RecordedRun: Sendable {
    /// Commands that leave such folders.
    private static let commands = ["train", "mlm"]
    private static let argumentsName = "arguments"

    public let folder: FilePath
    /// The command that began the run.
    public let command: String
    /// Values by the names that the person knows; an empty value means that nothing was given.
    public let settings: [String: String]
    /// The words of the command line behind the command, without the output folder; `nil` where the run does not have them.
    public let arguments: [String]?
    public let metrics: MetricsFile
    /// `nil` until the run has been to its end.
    public let outcome: RunOutcome?

    /// - Throws: ``ReportError`` where the folder is of no run, `FileError` where it cannot be read.
    public init(_ folder: FilePath) throws {
        self.folder = folder
        var (settings, arguments) = try Self.settings(in: folder)
        guard let command = settings.removeValue(forKey: "command") else {
            throw ReportError(
                .malformedRun("it does not name the command that began the run"),
                folder.appending(RunParameters.fileName))
        }
        guard Self.commands.contains(command) else { throw ReportError(.otherCommand(command), folder) }
        self.command = command
        self.settings = settings
        self.arguments = arguments
        metrics = try MetricsFile(in: folder)
        outcome = try RunOutcome(in: folder)
    }

    private static func settings(in folder: FilePath) throws -> ([String: String], arguments: [String]?) {
        // Says so where the folder is not there, or is a file.
        guard try Folder(folder).names().contains(RunParameters.fileName) else { throw ReportError(.noRun, folder) }
        let path = folder.appending(RunParameters.fileName)
        do {
            let json = try JSONCursor(reading: try RandomAccessFile.contents(of: path))
            let members = try json.members().filter { $0.name != Self.argumentsName }
            let settings = try members.map { ($0.name, try $0.value.words()) }
            let arguments = try json[Self.argumentsName].present?.elements().map { element throws(JSONMismatch) in
                try element.text()
            }
            return (Dictionary(settings, uniquingKeysWith: { $1 }), arguments)
        } catch let error as JSONMismatch {
            throw ReportError(.malformedRun(error.description), path)
        }
    }

    /// Updates that the log or the summary knows of.
    public var steps: Int { max(outcome?.steps ?? 0, metrics.training.last?.step ?? 0) }

    /// Whether the run has been to its end, and was not given more steps since.
    public var isFinished: Bool { outcome.map { $0.steps >= steps } ?? false }

    /// Of a run that goes on, those of the last line of its log; `nil` where it has none.
    public var tokens: Int? {
        isFinished ? outcome?.tokens : metrics.last(RunFigure.tokens).flatMap { Int(exactly: $0) }
    }

    /// Time spent in steps, as ``tokens``.
    public var seconds: Double? { isFinished ? outcome?.seconds : metrics.last(RunFigure.seconds) }

    public var tokensPerSecond: Double? {
        guard let tokens, let seconds, seconds > 0 else { return nil }
        return Double(tokens) / seconds
    }
}

extension MetricsFile {
    /// A figure of the last line of training.
    fileprivate func last(_ name: String) -> Double? { training.last?.figures[name] }
}

extension JSONCursor {
    /// A value as it is shown: texts and numbers as they are, all else as JSON.
    fileprivate func words() throws(JSONMismatch) -> String {
        let value = try whole()
        return value.text ?? value.json()
    }
}
