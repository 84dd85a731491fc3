import FoundationEssentials
import SystemPackage

/// The settings of a run that decide its result: a run continued with other values is refused.
public struct RunParameters: Sendable, Hashable {
    public static let fileName = "run.json"

    /// Among the values, the command that does the work.
    public static let commandName = "command"
    /// Beside the values, the key of the arguments that repeat the run.
    public static let argumentsName = "arguments"

    /// Values by the names that the person knows them under.
    public var values: [String: String]
    /// The words of the command line that asked for it, the output folder left out. They repeat the run; nothing is compared with them.
    public var arguments: [String]

    /// - Parameter command: the command that does the work. Another one does not go on with it.
    public init(_ values: [String: String], command: String? = nil, arguments: [String] = []) {
        self.values = values
        self.arguments = arguments
        if let command { self.values[Self.commandName] = command }
    }

    /// Compares with the parameters that `folder` was begun with, or writes these down where nothing was begun.
    public func bind(to folder: FilePath) throws {
        try check(against: folder)
        if Folder(folder).contains(Self.fileName) { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try DurableFile.write(
            Array(encoder.encode(contents)) + [UInt8(ascii: "\n")], to: folder.appending(Self.fileName))
    }

    /// Compares with the parameters that `folder` was begun with, if it was begun.
    ///
    /// - Throws: ``RunParameterError`` where it was begun otherwise, and where its files are not known to be ours.
    public func check(against folder: FilePath) throws {
        guard let before = try Self.values(of: folder) else { return try Self.requireEmpty(folder) }
        let path = folder.appending(Self.fileName)
        if let command = values[Self.commandName], command != before[Self.commandName] {
            throw RunParameterError(
                before[Self.commandName].map { .otherCommand(before: $0, now: command) } ?? .olderBuild, path)
        }
        let changes = Set(before.keys).union(values.keys).sorted().map {
            RunParameterError.Change($0, before: before[$0] ?? "", now: values[$0] ?? "")
        }.filter(\.isDifference)
        // Beside options, values that nobody gives as such are consequences.
        let options = changes.filter { $0.name.hasPrefix("--") }
        if !changes.isEmpty { throw RunParameterError(.changed(options.isEmpty ? changes : options), path) }
    }

    /// Whether this program has begun something in `folder`: other programs have files of that name, too.
    static func areBound(to folder: FilePath) -> Bool { (try? values(of: folder))?[commandName] != nil }

    /// A member of the file.
    private enum Member: Codable {
        case value(String)
        case words([String])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let words = try? container.decode([String].self) {
                self = .words(words)
            } else {
                self = .value(try container.decode(String.self))
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .value(let value): try container.encode(value)
            case .words(let words): try container.encode(words)
            }
        }
    }

    private var contents: [String: Member] {
        let members = values.mapValues { Member.value($0) }
        return arguments.isEmpty ? members : members.merging([Self.argumentsName: .words(arguments)]) { $1 }
    }

    /// `nil` where nothing was begun.
    private static func values(of folder: FilePath) throws -> [String: String]? {
        guard Folder(folder).contains(fileName) else { return nil }
        let path = folder.appending(fileName)
        let bytes = try RandomAccessFile.contents(of: path)
        do {
            return try JSONDecoder().decode([String: Member].self, from: Data(bytes)).compactMapValues {
                if case .value(let value) = $0 { value } else { nil }
            }
        } catch {
            throw RunParameterError(.malformed(words(of: error)), path)
        }
    }

    /// Refuses a folder that somebody else has filled: a run would overwrite files there.
    private static func requireEmpty(_ folder: FilePath) throws {
        guard Folder(folder).exists else { return }
        let foreign = try Folder(folder).names().filter { name in
            // The files that we leave before run.json is there, and those that file systems and desktops put into empty
            // folders.
            !name.hasPrefix(fileName) && !name.hasPrefix(FileClaim.folderClaimName) && !name.hasPrefix(".")
                && name != "lost+found"
        }
        if !foreign.isEmpty { throw RunParameterError(.foreignFiles(foreign), folder) }
    }
}
