import Storage
import SystemPackage

/// Why a folder cannot be reported on.
public struct ReportError: ExplainedError, Hashable {
    public enum Kind: Sendable, Hashable {
        /// No command of this program began anything in the folder.
        case noRun
        /// Another command than those that train began it.
        case otherCommand(String)
        /// The settings of the run cannot be read.
        case malformedRun(String)
    }

    public let kind: Kind
    public let path: FilePath

    init(_ kind: Kind, _ path: FilePath) {
        self.kind = kind
        self.path = path
    }

    public var blame: Blame {
        switch kind {
        case .noRun, .otherCommand: .usage
        case .malformedRun: .data
        }
    }

    public var location: ErrorLocation? { ErrorLocation(file: path.string) }

    public var problem: String {
        switch kind {
        case .noRun: "this folder has no \(RunParameters.fileName), so no run was begun in it"
        case .otherCommand(let command):
            "the command '\(command)' began this, and a report shows runs of 'train' and 'mlm'"
        case .malformedRun(let detail): "the settings of the run cannot be read: \(detail)"
        }
    }

    public var remedy: String {
        switch kind {
        case .noRun, .otherCommand: "Name a folder that train or mlm wrote"
        case .malformedRun: "Put back a copy of this file"
        }
    }
}
