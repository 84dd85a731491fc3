import Corpus
import Random
import Storage
import Testing

@Suite struct WordPieceTokenizerTests {
    let tokenizer: WordPieceTokenizer

    init() throws {
        let tokens = [
            "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "un", "##aff", "##able", "##a", "!", "é", "e", "É", "中", "文",
        ]
        tokenizer = WordPieceTokenizer(vocabulary: try Vocabulary(tokens), configuration: .init())
    }

    @Test func takesTheLongestPieceFirst() {
        #expect(tokenizer.encode("Unaffable!") == [5, 6, 7, 9])
        #expect(tokenizer.encode("unaa") == [5, 8, 8])
        #expect(tokenizer.encode("unaffx un") == [1, 5], "a part without a piece makes the word unknown")
    }

    @Test func honorsTheConfiguration() throws {
        func ids(_ configuration: TokenizerConfiguration, _ text: String) -> [Int32] {
            WordPieceTokenizer(vocabulary: tokenizer.vocabulary, configuration: configuration).encode(text)
        }
        #expect(ids(.init(lowercases: true), "É") == [11])
        #expect(ids(.init(lowercases: true, stripsAccents: false), "É") == [10])
        #expect(ids(.init(lowercases: false), "É") == [12])
        #expect(ids(.init(lowercases: false, stripsAccents: true), "é") == [11])
        #expect(ids(.init(), "中文") == [13, 14])
        #expect(ids(.init(separatesIdeographs: false), "中文") == [1])
    }

    @Test func decodesForPeople() {
        #expect(tokenizer.decode([2, 5, 6, 7, 9, 3]) == "[CLS] unaffable ! [SEP]")
        #expect(tokenizer.decode([6, 99, -1]) == "##aff [UNK] [UNK]")
        #expect(tokenizer.decode([]) == "")
        #expect(tokenizer.vocabulary.startsWord(5))
        #expect(!tokenizer.vocabulary.startsWord(6))
    }

    /// Broken UTF-8 is U+FFFD, as Swift's own repair has it, and is dropped.
    @Test func readsAnyBytes() throws {
        let vocabulary = try Vocabulary(contentsOf: golden("vocab.txt"))
        let tokenizer = WordPieceTokenizer(vocabulary: vocabulary, configuration: .init())
        let seed: UInt64 = 20_240_507
        let stream = RandomStream(seed: seed, purpose: .shuffle)
        // Leads and continuations of every length, so that most strings break in the middle of a character.
        let bytes: [UInt8] =
            [
                0x20, 0x61, 0x7A, 0x80, 0xBF, 0xC0, 0xC3, 0xDF, 0xE0, 0xE4, 0xED, 0xEF, 0xF0, 0xF4, 0xF5, 0xFF, 0x9F,
                0xA0,
            ]
        for round in 0..<20_000 {
            var draws = stream.draws(pass: 0, sequence: UInt64(round), position: 0)
            let text = (0..<Int.random(in: 1...24, using: &draws)).map { _ in bytes.randomElement(using: &draws)! }
            var ids: [Int32] = []
            tokenizer.encode(text.span, into: &ids)
            let repaired = tokenizer.encode(String(decoding: text, as: UTF8.self))
            #expect(ids == repaired, "seed \(seed), round \(round): \(text)")
        }
    }

    /// Marks by the hundred thousand neither take quadratic time nor overrun the word.
    @Test func boundsTheWorkOnHostileText() {
        let marks = String(repeating: "\u{1E944}\u{1E94A}", count: 200_000)
        #expect(tokenizer.encode(marks + " un") == [1, 5])
        #expect(tokenizer.encode(String(repeating: "un", count: 200_000)) == [1])
    }
}
