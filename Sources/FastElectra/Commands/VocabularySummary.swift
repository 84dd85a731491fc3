import Corpus
import SystemPackage
import Training

/// The result of `vocab`. It stays in the folder as the sign that the work is done.
protocol VocabularySummary: CommandResult, Codable {}

extension VocabularySummary {
    /// The result of the same work done before, if it came to its end.
    static func read(from folder: FilePath) throws -> Self? {
        // Where the vocabulary was lost, it is made again.
        guard (try? Tokenizer(folder: folder)) != nil else { return nil }
        return try SummaryFile.read(Self.self, from: folder)
    }
}
