import Corpus
import Foundation
import Storage
import SystemPackage
import Testing

/// The vocabulary of nucleotides, and the tokenizer that reads text with it.
@Suite struct LetterTokenizerTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Seven special tokens, four letters, sixteen reserved ones; other letters take reserved places.
    @Test func hasTwentySevenTokens() throws {
        let tokens = try NucleotideVocabulary().tokens
        #expect(tokens.count == 27 && tokens[7..<11] == ["A", "C", "G", "T"])
        #expect(tokens.count { $0.hasPrefix("[unused") } == 16)
        let vocabulary = try NucleotideVocabulary().tokenizer().vocabulary
        #expect(vocabulary.special.all == [0, 1, 2, 3, 4])
        let more = try NucleotideVocabulary(otherLetters: "nNRA*").tokens
        #expect(more.count == 27 && more[..<11] == tokens[..<11] && more[11..<14] == ["N", "R", "*"])
        let cased = try NucleotideVocabulary(otherLetters: "N*", isCased: true).tokens
        #expect(cased.count == 27 && cased[11..<18] == ["N", "*", "a", "c", "g", "t", "n"])
        let all = try NucleotideVocabulary(otherLetters: "BDEFHIJKLMNOPQRSUVWXYZ", isCased: true)
        #expect(all.tokens.count == 7 + 52 && Set(all.tokens).count == 59)
    }

    @Test(arguments: ["5", "Ä", "N5", ">", "N R"]) func refusesOtherCharacters(letters: String) {
        let error = #expect(throws: CorpusError.self) { try NucleotideVocabulary(otherLetters: letters) }
        #expect(error?.blame == .usage)
    }

    /// Lower case reads as upper case unless it has tokens of its own; white space is nothing, all else is unknown.
    @Test func readsCharacterByCharacter() throws {
        let folded = try NucleotideVocabulary(otherLetters: "N").tokenizer()
        #expect(folded.encode("ACGTN") == [7, 8, 9, 10, 11])
        #expect(folded.encode("acgtn") == [7, 8, 9, 10, 11])
        #expect(folded.encode(" A\n\tC\r\n") == [7, 8])
        #expect(folded.encode("ÄR[SEP]€") == [1, 1, 1, 1, 1, 1, 1, 1])
        #expect(folded.encode("").isEmpty)
        let cased = try NucleotideVocabulary(isCased: true).tokenizer()
        #expect(cased.encode("AcgTn") == [7, 12, 13, 10, 1])
    }

    /// A tokenizer that is written is read again, and does the same; a pair has token types.
    @Test(arguments: [false, true]) func writtenAndRead(isCased: Bool) throws {
        let written = try NucleotideVocabulary(otherLetters: "NY", isCased: isCased).tokenizer()
        try written.write(to: folder.path)
        let read = try Tokenizer(folder: folder.path)
        guard case .letters = read else {
            Issue.record("it is read as another kind: \(read)")
            return
        }
        #expect(read.vocabulary.canonicalBytes == written.vocabulary.canonicalBytes)
        for text in ["ACGTNY", "acgtny", "GATTACA x\n\r\u{B}y", "ÄÖ"] {
            #expect(read.encode(text) == written.encode(text), "\(text)")
        }
        let pair = TextEncoder(read, maxLength: 16).encode("AC", pair: "GT")
        #expect(pair.tokens == [2, 7, 8, 3, 9, 10, 3] && pair.secondSegment == 4)
        // Nothing that stands for no text may be drawn.
        let input = try CorpusInput.text([], tokenizer: folder.path)
        #expect(input.tokensWithoutText.count == 27 - 6 - (isCased ? 6 : 0))
        // A folder that a model is written to needs no more.
        let before = try RandomAccessFile.contents(of: folder.path.appending("tokenizer_config.json"))
        try input.completeTokenizer(in: folder.path)
        #expect(try RandomAccessFile.contents(of: folder.path.appending("tokenizer_config.json")) == before)
    }

    /// Steps that would give other ids are refused.
    @Test(arguments: [
        (#""[\\s\\S]""#, #""\\w+""#), (#""Isolated""#, #""Removed""#), (#""content": "A""#, #""content": "C""#),
        (#""String": "a""#, #""String": "b""#), (#""Sequence""#, #""Lowercase""#), (#""Split""#, #""Whitespace""#),
        (#""[\\t-\\r ]""#, #""x""#), (#""invert": false"#, #""invert": true"#),
    ])
    func refusesOtherSteps(part: String, other: String) throws {
        try NucleotideVocabulary().tokenizer().write(to: folder.path)
        let path = folder.path.appending("tokenizer.json")
        let text = String(decoding: try RandomAccessFile.contents(of: path), as: UTF8.self)
        try #require(text.contains(part), "\(part)")
        _ = try folder.write(text.replacing(part, with: other, maxReplacements: 1), to: "tokenizer.json")
        let error = #expect(throws: CorpusError.self) { try Tokenizer(folder: folder.path) }
        guard case .unsupportedTokenizer = error?.kind else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}
