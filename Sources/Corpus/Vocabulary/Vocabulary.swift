import Storage

/// The tokens of a model in the order of their ids, 0 up.
public struct Vocabulary: Sendable {
    private let table: ByteStringTable
    public let specialTokens: SpecialTokenNames
    public let special: SpecialTokenIDs

    /// Takes `tokens` in the order of their ids. Each must be there once, and every special token among them.
    public init(_ tokens: some Sequence<String>, specialTokens: SpecialTokenNames = SpecialTokenNames())
        throws(CorpusError)
    {
        try self.init(tokens.map { Array($0.utf8) }, specialTokens: specialTokens, file: nil)
    }

    /// `file` is named in errors; there, token `i` stands on line `i + 1` if it `hasLines`. The unknown token may be missing
    /// where `spellsEverything`.
    init(
        _ tokens: [[UInt8]], specialTokens: SpecialTokenNames, file: String?, hasLines: Bool = true,
        spellsEverything: Bool = false
    ) throws(CorpusError) {
        func location(_ index: Int) -> ErrorLocation? {
            file.map { ErrorLocation(file: $0, hasLines ? .line(index + 1) : .name("token \(index)")) }
        }
        guard !tokens.isEmpty else {
            throw CorpusError(
                .emptyVocabulary, "the vocabulary has no tokens", at: file.map { ErrorLocation(file: $0) },
                remedy: "Give one token a line, or train a vocabulary with `fast-electra vocab`")
        }
        var table = ByteStringTable(minimumCapacity: tokens.count)
        for (index, token) in tokens.enumerated() {
            guard let text = String(validating: token, as: UTF8.self) else {
                throw CorpusError(
                    .invalidUTF8, "the token is not valid UTF-8", at: location(index),
                    remedy: "Save the vocabulary as UTF-8")
            }
            if token.contains(where: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }) {
                throw CorpusError(
                    .unwritableToken(text), "token \(index) contains a line break", at: location(index),
                    remedy: "Leave it out: vocab.txt holds one token a line")
            }
            let (first, isNew) = table.insert(token.span)
            if !isNew {
                throw CorpusError(
                    .duplicateToken(text), "the token \"\(text)\" has two ids, \(first) and \(index)",
                    at: location(index), remedy: "Keep one of them; the ids of the model's embedding decide which")
            }
        }
        func id(_ name: String) throws(CorpusError) -> Int32 {
            if let index = table.index(of: Array(name.utf8).span) { return Int32(index) }
            throw CorpusError(
                .missingSpecialToken(name), "the vocabulary lacks the special token \(name)",
                at: file.map { ErrorLocation(file: $0) },
                remedy: "Add it, or name the token that takes its place in tokenizer_config.json")
        }
        special = SpecialTokenIDs(
            padding: try id(specialTokens.padding),
            unknown: spellsEverything
                ? table.index(of: Array(specialTokens.unknown.utf8).span).map { Int32($0) }
                : try id(specialTokens.unknown),
            classification: try id(specialTokens.classification), separator: try id(specialTokens.separator),
            mask: try id(specialTokens.mask))
        self.specialTokens = specialTokens
        self.table = table
    }

    public var count: Int { table.count }

    /// The id of the token with these UTF-8 bytes.
    public func id(of token: Span<UInt8>) -> Int32? { table.index(of: token).map { Int32($0) } }

    public func id(of token: String) -> Int32? { id(of: Array(token.utf8).span) }

    /// The token's UTF-8 bytes. `id` must be in `0..<count`.
    public func bytes(of id: Int32) -> ArraySlice<UInt8> { table[Int(id)] }

    /// The token as vocab.txt writes it, `##` included. `id` must be in `0..<count`.
    public func token(_ id: Int32) -> String { String(decoding: bytes(of: id), as: UTF8.self) }

    /// Whether the token begins a word: it has no `##`. `id` must be in `0..<count`.
    public func startsWord(_ id: Int32) -> Bool { !bytes(of: id).starts(with: Self.continuation) }

    /// The prefix of a piece that continues a word.
    static let continuation = Array("##".utf8)

    /// The bytes that identify the vocabulary, those of vocab.txt: each token and a newline, in the order of the ids.
    public var canonicalBytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(table.bytes.count + count)
        for index in 0..<count {
            bytes += table[index]
            bytes.append(UInt8(ascii: "\n"))
        }
        return bytes
    }
}
