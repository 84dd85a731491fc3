import Storage
import SystemPackage

/// How often each letter of a vocabulary occurs in a text.
public struct LetterCounts: Sendable {
    /// Letters with a token and their numbers, in the order of the ids.
    public let letters: [(letter: String, count: Int)]
    /// Characters without one.
    public let unknown: Int
    /// Records of FASTA, and documents of other files.
    public let records: Int
    /// Counts of the text that was read, without tokens.
    public let text: TextCounts

    /// Counts the letters of files.
    ///
    /// - Parameter progress: bytes read, of all.
    /// - Throws: ``CorpusError``; `CancellationError` if interrupted.
    public init(
        of files: [FilePath], by tokenizer: LetterTokenizer, badLines: BadLines = .stop,
        progress: (UInt64, UInt64) -> Void = { _, _ in }, isInterrupted: () -> Bool = { false }
    ) throws {
        var reader = try DocumentReader(files, badLines: badLines)
        var counts = [Int](repeating: 0, count: tokenizer.vocabulary.count)
        var records = 0
        var ids: [Int32] = []
        while let chunk = try reader.next() {
            if chunk.startsDocument { records += 1 }
            ids.removeAll(keepingCapacity: true)
            tokenizer.encode(chunk.bytes.span, into: &ids)
            for id in ids { counts[Int(id)] += 1 }
            progress(reader.bytesRead, reader.totalBytes)
            if isInterrupted() { throw CancellationError() }
        }
        let withoutText = tokenizer.vocabulary.tokensWithoutText
        letters = counts.indices.filter { !withoutText.contains(Int32($0)) }.map {
            (tokenizer.vocabulary.token(Int32($0)), counts[$0])
        }
        unknown = tokenizer.vocabulary.special.unknown.map { counts[Int($0)] } ?? 0
        self.records = records
        text = reader.counts
        if total == 0 {
            throw CorpusError(
                .noText, "the text has none of the vocabulary's letters",
                at: files.first.map { .init(file: $0.string) },
                remedy: "Name files with sequences of nucleotides")
        }
    }

    /// Letters with a token.
    public var total: Int { letters.reduce(0) { $0 + $1.count } }
}
