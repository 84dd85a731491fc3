import Storage
import SystemPackage

/// The sequences of some text files: read, tokenised and packed, one after another, in constant memory.
public struct PackedSequences: Sendable {
    private var documents: DocumentReader
    private let tokenizer: WordPieceTokenizer
    private var packer: SequencePacker
    /// Packed and not yet handed out, the next one last.
    private var ready: [[Int32]] = []
    private var isAtEnd = false

    /// - Parameter maximumLength: tokens of a sequence, special ones included.
    /// - Throws: ``CorpusError`` where a file is missing or the length leaves no room for text.
    public init(_ files: [FilePath], tokenizer: WordPieceTokenizer, maximumLength: Int) throws(CorpusError) {
        guard maximumLength >= 3 else {
            throw CorpusError(
                .sequenceTooShort(maximumLength), "a sequence of \(maximumLength) tokens has no room for text",
                remedy: "Ask for at least 3", blame: .usage)
        }
        documents = try DocumentReader(files)
        self.tokenizer = tokenizer
        let special = tokenizer.vocabulary.special
        packer = SequencePacker(
            maximumLength: maximumLength, classification: special.classification, separator: special.separator)
    }

    /// The next sequence; `nil` at the end of the text.
    public mutating func next() throws -> [Int32]? {
        while ready.isEmpty, !isAtEnd {
            var packed: [[Int32]] = []
            switch try documents.next() {
            case .line(let line):
                var ids: [Int32] = []
                tokenizer.encode(line.span, into: &ids)
                packer.append(ids) { packed.append($0) }
            case .documentEnd:
                packer.endDocument { packed.append($0) }
            case nil:
                packer.finish { packed.append($0) }
                isAtEnd = true
            }
            ready = packed.reversed()
        }
        return ready.popLast()
    }

    /// Bytes of text read, of all.
    public var progress: (done: Int, total: Int) {
        (Int(documents.bytesRead), Int(documents.byteCount))
    }
}
