import SystemPackage

/// Files that sequences come from: text or pairs of texts with a tokenizer, or ids with their token space.
///
/// A value does not change and can be read any number of times, once a pass.
public struct CorpusInput: Sendable {
    private enum Content {
        case text(Tokenizer)
        case ids(TokenSpace)
        case pairs(Tokenizer)
    }

    /// The files of all sources, in the order in which they are read.
    public let files: [FilePath]
    public let badLines: BadLines
    /// Letters that a window of FASTA has in common with the one before it.
    public let overlap: Int
    /// Names of where sequences come from, in the order in which they were given first.
    public let sourceNames: [String]
    /// [files] The index of each file's source.
    private let sourceOfFile: [Int]
    private let content: Content

    private init(_ sources: [CorpusSource], badLines: BadLines, overlap: Int = 0, content: Content) {
        self.badLines = badLines
        self.overlap = overlap
        self.content = content
        var names: [String] = []
        var sourceOfFile: [Int] = []
        for source in sources {
            let index = names.firstIndex(of: source.name) ?? names.count
            if index == names.count { names.append(source.name) }
            sourceOfFile += source.files.map { _ in index }
        }
        files = sources.flatMap(\.files)
        sourceNames = names
        self.sourceOfFile = sourceOfFile
    }

    /// Text, tokenized by the tokenizer of a Hugging Face folder.
    ///
    /// - Parameters:
    ///   - sources: at least one. A sequence comes from one of them: none is packed across two.
    ///   - overlap: letters that a window of FASTA has in common with the one before it.
    /// - Throws: ``CorpusError`` also where a file is FASTA and the tokenizer does not go letter by letter.
    public static func text(
        from sources: [CorpusSource], tokenizer folder: FilePath, badLines: BadLines = .stop, overlap: Int = 0
    ) throws(CorpusError) -> CorpusInput {
        let tokenizer = try Tokenizer(folder: folder)
        let input = CorpusInput(sources, badLines: badLines, overlap: overlap, content: .text(tokenizer))
        if case .letters = tokenizer { return input }
        if let path = input.files.first(where: InputFiles.isFASTA) { throw CorpusError.notLetters(path) }
        return input
    }

    /// Text of one source without a name.
    public static func text(
        _ files: [FilePath], tokenizer folder: FilePath, badLines: BadLines = .stop
    ) throws(CorpusError) -> CorpusInput {
        try text(from: [CorpusSource(files: files)], tokenizer: folder, badLines: badLines)
    }

    /// Ids, for the model of a folder.
    ///
    /// - Parameter sources: at least one. A sequence comes from one of them: none is packed across two.
    public static func ids(
        from sources: [CorpusSource], model folder: FilePath, badLines: BadLines = .stop
    ) throws(CorpusError) -> CorpusInput {
        CorpusInput(sources, badLines: badLines, content: .ids(try TokenSpace(folder: folder)))
    }

    /// Ids of one source without a name.
    public static func ids(
        _ files: [FilePath], model folder: FilePath, badLines: BadLines = .stop
    ) throws(CorpusError) -> CorpusInput {
        try ids(from: [CorpusSource(files: files)], model: folder, badLines: badLines)
    }

    /// Pairs of texts, tokenized by the tokenizer of a Hugging Face folder. Each is a sequence of its own, as ``TextEncoder`` makes it.
    ///
    /// - Parameter sources: at least one.
    public static func pairs(
        from sources: [CorpusSource], tokenizer folder: FilePath, badLines: BadLines = .stop
    ) throws(CorpusError) -> CorpusInput {
        CorpusInput(sources, badLines: badLines, content: .pairs(try Tokenizer(folder: folder)))
    }

    /// How many tokens there are.
    public var vocabularySize: Int {
        switch content {
        case .text(let tokenizer), .pairs(let tokenizer): tokenizer.vocabulary.count
        case .ids(let space): space.count
        }
    }

    public var special: SpecialTokenIDs {
        switch content {
        case .text(let tokenizer), .pairs(let tokenizer): tokenizer.vocabulary.special
        case .ids(let space): space.special
        }
    }

    /// Tokens that stand for no text, as far as they can be told: they are never masked, and a discriminator would know a draw of them
    /// for a replacement without looking at the text around it.
    public var tokensWithoutText: Set<Int32> {
        switch content {
        case .text(let tokenizer), .pairs(let tokenizer): tokenizer.vocabulary.tokensWithoutText
        case .ids(let space):
            // The tokenizer of a trimmed model knows tokens that the model does not have.
            (space.vocabulary?.tokensWithoutText ?? []).filter { $0 < space.count }.union(space.special.all)
        }
    }

    /// The bytes that identify the vocabulary: each token and a newline, in the order of the ids; without the tokens,
    /// ``TokenSpace/canonicalBytes``.
    public var canonicalBytes: [UInt8] {
        switch content {
        case .text(let tokenizer), .pairs(let tokenizer): tokenizer.vocabulary.canonicalBytes
        case .ids(let space): space.canonicalBytes
        }
    }

    /// Reads the files from the start, or on behind a sequence.
    ///
    /// - Parameter position: where a reader of the same files stood, as long in sequences.
    /// - Throws: ``CorpusError`` also where the position is not one of these files.
    public func sequences(
        maxLength: Int, behind position: SequencePosition? = nil
    ) throws(CorpusError) -> PackedSequences {
        var sequences: PackedSequences
        switch content {
        case .text(let tokenizer):
            let reader =
                if let position {
                    try DocumentReader(files, badLines: badLines, at: position.reader)
                } else {
                    try DocumentReader(files, badLines: badLines)
                }
            sequences = try PackedSequences(
                of: reader, tokenizer: tokenizer, maxLength: maxLength, overlap: overlap, sourceOfFile: sourceOfFile)
        case .ids(let space):
            let reader =
                if let position {
                    try TokenReader(files, space: space, badLines: badLines, at: position.reader)
                } else {
                    try TokenReader(files, space: space, badLines: badLines)
                }
            sequences = try PackedSequences(of: reader, maxLength: maxLength, sourceOfFile: sourceOfFile)
        case .pairs(let tokenizer):
            let reader =
                if let position {
                    try PairReader(files, badLines: badLines, at: position.reader)
                } else {
                    try PairReader(files, badLines: badLines)
                }
            sequences = try PackedSequences(
                of: reader, tokenizer: tokenizer, maxLength: maxLength, sourceOfFile: sourceOfFile)
        }
        if let position { try sequences.goOn(behind: position) }
        return sequences
    }

    /// Reads all files once without tokenizing, so that a line that cannot be read, damaged compression or an id that does
    /// not exist is found before any work is done.
    ///
    /// - Parameter progress: bytes read, of all; every 64 KiB or so.
    /// - Returns: the counts of the text. Tokens are counted of ids alone.
    /// - Throws: ``CorpusError``; the errors of `progress`.
    public func check(maxLength: Int, progress: (UInt64, UInt64) throws -> Void) throws -> TextCounts {
        switch content {
        case .text:
            var reader = try DocumentReader(files, badLines: badLines)
            while try reader.next() != nil { try progress(reader.bytesRead, reader.totalBytes) }
            return reader.counts
        case .ids:
            var sequences = try sequences(maxLength: maxLength)
            while try sequences.next() != nil { try progress(sequences.bytesRead, sequences.totalBytes) }
            return sequences.counts
        case .pairs:
            var reader = try PairReader(files, badLines: badLines)
            while try reader.next() != nil { try progress(reader.bytesRead, reader.totalBytes) }
            return reader.counts
        }
    }
}
