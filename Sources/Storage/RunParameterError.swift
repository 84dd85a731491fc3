import SystemPackage

/// A run cannot be begun or continued as asked.
public struct RunParameterError: ExplainedError {
    public enum Kind: Sendable, Hashable {
        case changed(_ name: String, before: String, now: String)
        case otherCommand(before: String, now: String)
        /// The folder does not say which command began it.
        case olderBuild
        /// Files that are there without a word of who made them.
        case foreignFiles([String])
        case malformed(String)
    }

    public let kind: Kind
    public let path: FilePath

    init(_ kind: Kind, _ path: FilePath) {
        self.kind = kind
        self.path = path
    }

    public var blame: Blame {
        switch kind {
        case .changed, .otherCommand, .olderBuild, .foreignFiles: .usage
        case .malformed: .data
        }
    }

    public var problem: String {
        switch kind {
        case .changed(let name, let before, let now):
            "this was begun with\(before.isEmpty ? "out" : "") \([name, before].filter { !$0.isEmpty }.joined(separator: " "))"
                + (now.isEmpty ? ", now there is none" : ", now it is \(now)")
        case .otherCommand(let before, let now): "this was begun by the command '\(before)', not by '\(now)'"
        case .olderBuild: "an older version of this program began this"
        case .foreignFiles(let names):
            "this folder has no \(RunParameters.fileName), but it has other files (\(Self.list(names)))"
        case .malformed(let detail): "what this was begun with cannot be read: \(detail)"
        }
    }

    public var location: ErrorLocation? { ErrorLocation(file: path.string) }

    public var remedy: String {
        switch kind {
        case .changed(let name, let before, _):
            (before.isEmpty ? "Leave out \(name)" : "Give the former value")
                + " to continue, or another folder to begin anew"
        case .otherCommand: "Name another folder"
        case .olderBuild: "Finish it with that version, or begin anew in another folder"
        case .foreignFiles: "Name a new folder or an empty one"
        case .malformed: "Begin anew in another folder"
        }
    }

    /// The first few, and how many more there are.
    private static func list(_ names: [String]) -> String {
        let shown = names.prefix(3).joined(separator: ", ")
        return names.count > 3 ? "\(shown), and \(names.count - 3) more" : shown
    }
}
