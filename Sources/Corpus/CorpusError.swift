import Storage
import SystemPackage

/// A vocabulary, tokenizer folder or text that cannot be used.
public struct CorpusError: FileErrorBearer {
    public enum Kind: Sendable, Hashable {
        /// A file could not be opened, read or written.
        case file
        /// A folder with none of the files that a tokenizer is made of.
        case noTokenizer
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
        /// gzip or zstd data that is damaged or ends too early.
        case damagedCompression
        /// A file that is compressed in a format that is not read here, or text in UTF-16 or UTF-32.
        case unknownEncoding(String)
        /// A place to go on from that is not one of the input.
        case unusablePosition
        /// A folder or a list that names no file.
        case noFilesFound
        /// A line that is not JSON, or lacks a member.
        case malformedLine
        /// A file of FASTA that has no records, records without letters, or something else than letters.
        case malformedRecord
        /// Records of FASTA for a vocabulary that does not go letter by letter.
        case notLetters
        /// A letter that a vocabulary of nucleotides cannot have.
        case unusableLetter(Character)
        /// Windows that overlap as far as they are long.
        case overlapTooLong(Int)
        /// A file that is not in the format of NumPy, or holds something else than integers in one or two dimensions.
        case malformedArray
        /// A file of ids whose name does not tell the kind of its content.
        case unknownFileType
        /// An id outside the vocabulary.
        case idOutOfRange(Int)
        /// A padding id that is not at the end.
        case paddingInside
        /// A token that the vocabulary lacks.
        case unknownToken(String)
        /// A sequence that is complete and longer than asked for.
        case sequenceTooLong(Int)
        /// A special token, or the number of tokens, that nothing in the folder tells.
        case undefinedVocabulary(String)
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

    public init(_ error: FileError) {
        self.init(.file, error.problem, at: error.location, remedy: error.remedy, blame: error.blame)
    }
}

extension CorpusError {
    /// The remedy for a tokenizer that is not one of ours. Longer remedies end with it.
    public static let useIDs = "tokenize the text with its own library and give the ids instead"

    static func notUTF8(_ location: ErrorLocation) -> CorpusError {
        CorpusError(
            .malformedLine, "the line is not UTF-8", at: location,
            remedy: "Convert the file to UTF-8, as in iconv -f LATIN1 -t UTF-8 FILE")
    }

    /// FASTA for a vocabulary of words.
    static func notLetters(_ path: FilePath) -> CorpusError {
        CorpusError(
            .notLetters, "FASTA is read letter by letter, and the vocabulary has words",
            at: ErrorLocation(file: path.string),
            remedy: "Make a vocabulary of nucleotides with `fast-electra vocab`")
    }

    /// A tokenizer file asks for something that is not done here.
    static func unsupported(_ what: String, _ path: FilePath, _ spot: ErrorLocation.Spot? = nil) -> CorpusError {
        CorpusError(
            .unsupportedTokenizer(what), "this tokenizer has \(what)", at: ErrorLocation(file: path.string, spot),
            remedy:
                "Supported are WordPiece as in BERT, byte-level BPE as in RoBERTa, and the letters that `fast-electra vocab` makes of nucleotides. For others, \(useIDs)"
        )
    }
}
