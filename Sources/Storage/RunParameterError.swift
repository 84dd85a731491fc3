import SystemPackage

/// A run cannot be begun or continued as asked.
public struct RunParameterError: ExplainedError {
    /// An argument with the value that it had when the folder was begun, and its value now.
    public struct Change: Sendable, Hashable {
        public let name: String
        public let before: String
        public let now: String

        /// - Parameters:
        ///   - before: empty if the argument was not given. So is false, the value of a flag that was not given.
        ///   - now: the same.
        public init(_ name: String, before: String, now: String) {
            (self.name, self.before, self.now) = (name, before, now)
        }

        /// A flag that was not given is false, or is not there.
        var isDifference: Bool { before != now && !Set([before, now]).isSubset(of: ["", "false"]) }

        var problem: String {
            let begun =
                switch before {
                case "", "false": "without \(name)"
                case "true": "with \(name)"
                default: "with \(name) \(before)"
                }
            let now =
                switch now {
                case "": "there is none"
                case "false": "it is left out"
                case "true": "it is given"
                default: "it is \(now)"
                }
            return "\(begun), now \(now)"
        }

        var remedy: String {
            switch before {
            case "", "false": "leave out \(name)"
            case "true": "give \(name)"
            default: "give the former value"
            }
        }
    }

    public enum Kind: Sendable, Hashable {
        /// All that differ, sorted by their names.
        case changed([Change])
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
        case .changed(let changes): "this was begun " + changes.map(\.problem).joined(separator: "; ")
        case .otherCommand(let before, let now): "this was begun by the command '\(before)', not by '\(now)'"
        case .olderBuild: "an older version of this program began this"
        case .foreignFiles(let names):
            "this folder has no \(RunParameters.fileName), but it has other files (\(Self.list(names)))"
        case .malformed(let detail): "the arguments that began this cannot be read: \(detail)"
        }
    }

    public var location: ErrorLocation? { ErrorLocation(file: path.string) }

    public var remedy: String {
        switch kind {
        case .changed(let changes):
            "To continue, "
                + (changes.count == 1 ? changes[0].remedy : "give the same arguments as then")
                + ". To begin anew, name another folder"
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
