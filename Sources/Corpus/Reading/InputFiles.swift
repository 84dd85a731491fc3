import Storage
import SystemPackage

/// The files that people mean when they name files, folders and lists of files.
public enum InputFiles {
    /// The content that the files must have. The choice among a folder's files depends on it.
    public enum Content: Sendable {
        case text
        case ids
        case pairs

        /// Endings of names; `.gz` or `.zst` may follow.
        public var endings: [String] {
            switch self {
            case .text: [".txt", ".jsonl", ".ndjson", ".json", ".fa", ".fasta", ".fna"]
            case .ids: [".jsonl", ".ndjson", ".json", ".npy", ".txt"]
            case .pairs: [".tsv", ".jsonl", ".ndjson", ".json"]
            }
        }

        fileprivate func includes(_ path: FilePath) -> Bool {
            switch ContentKind(of: path) {
            case .jsonLines: true
            case .text: self != .pairs
            case .records: self == .text
            case .table: self == .pairs
            case .array: self == .ids
            case .other: false
            }
        }
    }

    /// How a file is read other than as plain text or as columns, by its name: empty where it is one of these. The same bytes under
    /// another name can be other data.
    public static func reading(of path: FilePath) -> String {
        switch ContentKind(of: path) {
        case .jsonLines: "JSON lines"
        case .array: "array"
        case .records: "FASTA"
        case .text, .table, .other: ""
        }
    }

    /// Whether a file holds FASTA, by its name.
    public static func isFASTA(_ path: FilePath) -> Bool { ContentKind(of: path) == .records }

    /// Expands names in their order.
    ///
    /// A folder stands for the files in it and in the folders below it that have one of the endings, in the order of their
    /// paths' bytes. Hidden files and folders, and links to folders, are passed over. `@LIST` stands for the names in the
    /// file LIST, one a line; blank lines are passed over, and relative paths count from the current folder. All other names
    /// are files, whatever they are called.
    ///
    /// - Throws: ``CorpusError`` where a folder or a list cannot be read, or gives no file.
    public static func expand(_ names: [FilePath], to content: Content) throws(CorpusError) -> [FilePath] {
        var files: [FilePath] = []
        for name in names {
            if name.string.hasPrefix("@") {
                let list = FilePath(String(name.string.dropFirst()))
                for entry in try entries(of: list) { files += try expand(entry, to: content) }
            } else {
                files += try expand(name, to: content)
            }
        }
        return files
    }

    private static func expand(_ name: FilePath, to content: Content) throws(CorpusError) -> [FilePath] {
        let folder = Folder(name)
        guard folder.exists else { return [name] }
        let files = try CorpusError.rethrowing(folder.files(where: content.includes))
        if files.isEmpty {
            throw CorpusError(
                .noFilesFound, "the folder has no file whose name ends in \(list(content.endings))",
                at: ErrorLocation(file: name.string), remedy: "Name a folder that has some, or the files themselves")
        }
        return files
    }

    private static func entries(of list: FilePath) throws(CorpusError) -> [FilePath] {
        let bytes = try CorpusError.rethrowing(RandomAccessFile.contents(of: list))
        // Some editors put a byte order mark before the text.
        let text = bytes.dropFirst(bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0)
        var entries: [FilePath] = []
        for line in text.split(separator: UInt8(ascii: "\n")) {
            let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            let entry = FilePath(String(decoding: line, as: UTF8.self))
            // Paths are text: it would lead to another file.
            if String(validating: line, as: UTF8.self) == nil {
                throw CorpusError(FileError(.open, entry, .illegalByteSequence))
            }
            if !entry.isEmpty { entries.append(entry) }
        }
        if entries.isEmpty {
            throw CorpusError(
                .noFilesFound, "the list names no file", at: ErrorLocation(file: list.string),
                remedy: "Put the path of one file on each line")
        }
        return entries
    }

    private static func list(_ endings: [String]) -> String {
        endings.dropLast().joined(separator: ", ") + " or " + (endings.last ?? "")
    }
}
