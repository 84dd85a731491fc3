import FoundationEssentials
import SystemPackage

/// What a run was asked to do, as far as it decides the result: a run continued with other values is refused.
public struct RunParameters: Sendable, Hashable {
    public static let fileName = "run.json"

    /// Among the values, the command that does the work.
    private static let commandName = "command"

    /// Values by the names that the person knows them under.
    public var values: [String: String]

    /// - Parameter command: what does the work. Another command does not go on with it.
    public init(_ values: [String: String], command: String? = nil) {
        self.values = values
        if let command { self.values[Self.commandName] = command }
    }

    /// Compares with what `folder` was begun with, or writes it down where nothing was.
    public func bind(to folder: FilePath) throws {
        try check(against: folder)
        if Folder(folder).contains(Self.fileName) { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try DurableFile.write(
            Array(encoder.encode(values)) + [UInt8(ascii: "\n")], to: folder.appending(Self.fileName))
    }

    /// Compares with what `folder` was begun with, if anything was.
    ///
    /// - Throws: ``RunParameterError`` where it was begun otherwise, and where its files are not known to be ours.
    public func check(against folder: FilePath) throws {
        guard let before = try Self.values(of: folder) else { return try Self.requireEmpty(folder) }
        let path = folder.appending(Self.fileName)
        if let command = values[Self.commandName], command != before[Self.commandName] {
            throw RunParameterError(
                before[Self.commandName].map { .otherCommand(before: $0, now: command) } ?? .olderBuild, path)
        }
        for name in Set(before.keys).union(values.keys).sorted() where before[name] != values[name] {
            throw RunParameterError(
                .changed(name, before: before[name] ?? "unset", now: values[name] ?? "unset"), path)
        }
    }

    /// `nil` where nothing was begun.
    private static func values(of folder: FilePath) throws -> [String: String]? {
        guard Folder(folder).contains(fileName) else { return nil }
        let path = folder.appending(fileName)
        let bytes = try RandomAccessFile.contents(of: path)
        do {
            return try JSONDecoder().decode([String: String].self, from: Data(bytes))
        } catch {
            throw RunParameterError(.malformed(words(of: error)), path)
        }
    }

    /// Refuses a folder that somebody else has filled: a run would overwrite files there.
    private static func requireEmpty(_ folder: FilePath) throws {
        guard Folder(folder).exists else { return }
        let foreign = try Folder(folder).names().filter { name in
            // What we leave before run.json is there, and what file systems and desktops put into empty folders.
            !name.hasPrefix(fileName) && !name.hasPrefix(FileClaim.folderClaimName) && !name.hasPrefix(".")
                && name != "lost+found"
        }
        if !foreign.isEmpty { throw RunParameterError(.foreignFiles(foreign), folder) }
    }
}
