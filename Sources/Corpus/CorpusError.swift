import Storage
import SystemPackage

/// A vocabulary, tokenizer folder or text that cannot be used.
public struct CorpusError: ExplainedError {
    public enum Kind: Sendable, Hashable {
        /// A file could not be opened, read or written.
        case file
        case emptyVocabulary
        /// A token that the configuration names (`[UNK]` and so on) is not in the vocabulary.
        case missingSpecialToken(String)
        case duplicateToken(String)
        /// A token that `vocab.txt` cannot hold: it contains a line break.
        case unwritableToken(String)
        case invalidUTF8
        case malformedConfiguration
        case unsupportedTokenizer(String)
        /// The special tokens and the alphabet alone are more than the size asked for.
        case vocabularyTooSmall(asked: Int, needed: Int)
        /// The text files hold no word at all.
        case noText
        case noFiles
        /// A sequence must hold `[CLS]`, one token and `[SEP]`.
        case sequenceTooShort(Int)
    }

    public let kind: Kind
    public let blame: Blame
    public let problem: String
    public let location: ErrorLocation?
    public let remedy: String

    init(
        _ kind: Kind, _ problem: String, at location: ErrorLocation? = nil, remedy: String, blame: Blame = .data
    ) {
        self.kind = kind
        self.blame = blame
        self.problem = problem
        self.location = location
        self.remedy = remedy
    }

    init(_ error: FileError) {
        self.init(.file, error.problem, at: error.location, remedy: error.remedy, blame: error.blame)
    }
}

/// Runs a file operation, its failure told as a ``CorpusError``.
func withFile<Result: ~Copyable>(_ body: () throws(FileError) -> Result) throws(CorpusError) -> Result {
    do {
        return try body()
    } catch {
        throw CorpusError(error)
    }
}
