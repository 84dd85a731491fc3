import Corpus
import FoundationEssentials
import Storage
import SystemPackage

/// What `vocab` prints, and keeps in its folder as the sign that the work is done.
protocol VocabularySummary: CommandResult, Codable {}

extension VocabularySummary {
    private static var fileName: String { "summary.json" }

    /// The result of the same work done before, if it came to its end.
    static func read(from folder: FilePath) throws -> Self? {
        // Where the vocabulary was lost, it is made again.
        guard Folder(folder).contains(fileName), (try? Tokenizer(folder: folder)) != nil else { return nil }
        let bytes = try RandomAccessFile.contents(of: folder.appending(fileName))
        // A summary that cannot be read says nothing: the work is done again.
        return try? JSONDecoder().decode(Self.self, from: Data(bytes))
    }

    func write(to folder: FilePath) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try DurableFile.write(Array(encoder.encode(self)) + [UInt8(ascii: "\n")], to: folder.appending(Self.fileName))
    }
}
