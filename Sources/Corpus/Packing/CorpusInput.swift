import SystemPackage

/// Files that sequences come from, with what is known of their tokens: text and a tokenizer, or ids.
///
/// A value does not change and can be read any number of times, once a pass.
public struct CorpusInput: Sendable {
    private enum Content {
        case text(Tokenizer)
        case ids(TokenSpace)
    }

    public let files: [FilePath]
    private let content: Content

    /// Text, tokenised by the tokenizer of a Hugging Face folder.
    public static func text(_ files: [FilePath], tokenizer folder: FilePath) throws(CorpusError) -> CorpusInput {
        CorpusInput(files: files, content: .text(try Tokenizer(folder: folder)))
    }

    /// Ids, for the model of a folder.
    public static func ids(_ files: [FilePath], model folder: FilePath) throws(CorpusError) -> CorpusInput {
        CorpusInput(files: files, content: .ids(try TokenSpace(folder: folder)))
    }

    /// How many tokens there are.
    public var vocabularySize: Int {
        switch content {
        case .text(let tokenizer): tokenizer.vocabulary.count
        case .ids(let space): space.count
        }
    }

    public var special: SpecialTokenIDs {
        switch content {
        case .text(let tokenizer): tokenizer.vocabulary.special
        case .ids(let space): space.special
        }
    }

    /// The bytes that identify the vocabulary: each token and a newline, in the order of the ids; without the tokens,
    /// ``TokenSpace/canonicalBytes``.
    public var canonicalBytes: [UInt8] {
        switch content {
        case .text(let tokenizer): tokenizer.vocabulary.canonicalBytes
        case .ids(let space): space.canonicalBytes
        }
    }

    /// Reads the files from the start.
    public func sequences(maxLength: Int) throws(CorpusError) -> PackedSequences {
        switch content {
        case .text(let tokenizer):
            try PackedSequences(of: DocumentReader(files), tokenizer: tokenizer, maxLength: maxLength)
        case .ids(let space):
            try PackedSequences(of: TokenReader(files, space: space), maxLength: maxLength)
        }
    }
}
