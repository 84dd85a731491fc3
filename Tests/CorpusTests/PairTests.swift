import Corpus
import Foundation
import Storage
import SystemPackage
import Testing

/// Pairs of texts: each is a sequence with two segments.
@Suite struct PairTests {
    let folder: TemporaryFolder
    let tokenizer: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        tokenizer = try TemporaryFolder()
        _ = try tokenizer.write(RandomAccessFile.contents(of: golden("vocab.txt")), to: "vocab.txt")
    }

    private func input(_ text: String, _ name: String, badLines: BadLines = .stop) throws -> CorpusInput {
        let path = try folder.write(text, to: name)
        return try .pairs(
            from: [CorpusSource(name: "x", files: [path])], tokenizer: tokenizer.path, badLines: badLines)
    }

    private func sequences(_ input: CorpusInput, maxLength: Int = 16) throws -> [TokenSequence] {
        var source = try input.sequences(maxLength: maxLength)
        var sequences: [TokenSequence] = []
        while let sequence = try source.next() { sequences.append(sequence) }
        return sequences
    }

    /// Rows and JSON lines are the same; the second segment begins behind the first `[SEP]`.
    @Test func rowsAndRecords() throws {
        let rows = try sequences(input("the vessel\tthe water is grey\r\n\nwater\t\n", "a.tsv"))
        let records = try sequences(
            input(
                #"{"text": "the vessel", "text_pair": "the water is grey"}"# + "\n"
                    + #"{"text_pair": "", "text": "water"}"#, "a.jsonl"))
        #expect(rows == records && rows.count == 2)
        let alone = try Tokenizer(folder: tokenizer.path)
        let special = alone.vocabulary.special
        let (first, second) = (alone.encode("the vessel"), alone.encode("the water is grey"))
        #expect(
            rows[0].tokens
                == [special.classification] + first + [special.separator] + second + [special.separator])
        #expect(rows[0].secondSegment == first.count + 2 && rows[0].source == 0)
        #expect(rows[1].secondSegment == rows[1].tokens.count - 1)
    }

    /// The longer one is cut first, as transformers does; no sequence is longer than asked for.
    @Test func longestFirst() throws {
        let long = Array(repeating: "water", count: 40).joined(separator: " ")
        let found = try sequences(input("\(long)\tthe vessel\nthe vessel\t\(long)\n\(long)\t\(long)\n", "a.tsv"))
        #expect(found.map(\.tokens.count) == [16, 16, 16])
        let vessel = try Tokenizer(folder: tokenizer.path).encode("the vessel").count
        #expect(found.map(\.secondSegment) == [15 - vessel, vessel + 2, 8])
        #expect(throws: CorpusError.self) { try sequences(input("a\tb\n", "b.tsv"), maxLength: 4) }
    }

    @Test(arguments: ["one column\n", "a\tb\tc\n", "\ta\t\n"]) func rowsOfOtherColumnsAreRefused(row: String) throws {
        let text = "the\tvessel\n" + row + "the\twater\n"
        let error = #expect(throws: CorpusError.self) { try sequences(input(text, "a.tsv")) }
        #expect(error?.kind == .malformedLine && error?.location?.description.hasSuffix("a.tsv, line 2") == true)
        var source = try input(text, "a.tsv", badLines: .skip).sequences(maxLength: 16)
        var count = 0
        while try source.next() != nil { count += 1 }
        #expect(count == 2 && source.counts.skippedLines.count == 1)
    }

    /// Reading on behind a sequence gives the same as reading from the start.
    @Test func goesOnBehindAnySequence() throws {
        let rows = (0..<400).map { $0 % 17 == 0 ? "bad" : "the vessel \($0)\twater \($0 * $0)" }.joined(separator: "\n")
        let records = (0..<300).map { #"{"text": "the \#($0)", "text_pair": "vessel"}"# }.joined(separator: "\n")
        let files = [try folder.write(rows, to: "a.tsv"), try folder.write(records, to: "b.jsonl")]
        let input = try CorpusInput.pairs(
            from: files.map { CorpusSource(name: $0.lastComponent?.string ?? "", files: [$0]) },
            tokenizer: tokenizer.path, badLines: .skip)
        var whole: [(sequence: TokenSequence, position: SequencePosition)] = []
        var source = try input.sequences(maxLength: 16)
        while let sequence = try source.next() { whole.append((sequence, try #require(source.position))) }
        #expect(whole.count == 400 - 24 + 300 && Set(whole.map(\.sequence.source)) == [0, 1])
        for start in [0, 1, 150, 375, 376, 377, whole.count - 1] {
            let json = try JSONEncoder().encode(whole[start].position)
            var rest = try input.sequences(
                maxLength: 16, behind: try JSONDecoder().decode(SequencePosition.self, from: json))
            for (sequence, position) in whole[(start + 1)...] {
                try #require(try rest.next() == sequence, "behind \(start)")
                try #require(rest.position == position, "behind \(start)")
            }
            #expect(try rest.next() == nil)
        }
    }
}
