import Corpus
import Fixtures
import Storage
import SystemPackage
import Testing

@Suite struct TextEncoderTests {
    /// Lengths of two texts, room for them, and the tokens that `tokenizers` 0.23 keeps of each with
    /// `enable_truncation(room + 3)`.
    @Test(arguments: [
        (1, 1, 2, 1, 1), (9, 1, 2, 1, 1), (4, 4, 2, 1, 1), (0, 9, 2, 0, 2), (1, 9, 3, 1, 2), (9, 1, 3, 2, 1),
        (4, 4, 3, 1, 2), (5, 4, 3, 2, 1), (3, 4, 3, 1, 2), (1, 9, 5, 1, 4), (9, 1, 5, 4, 1), (4, 4, 5, 2, 3),
        (5, 4, 5, 3, 2), (9, 9, 5, 2, 3), (2, 3, 5, 2, 3), (1, 1, 8, 1, 1), (9, 1, 8, 7, 1), (5, 4, 8, 4, 4),
        (3, 4, 8, 3, 4), (0, 9, 8, 0, 8),
    ])
    func longestFirst(first: Int, second: Int, room: Int, keptFirst: Int, keptSecond: Int) {
        let kept = TextEncoder.longestFirst(first, second, room: room)
        #expect(kept.first == keptFirst && kept.second == keptSecond)
    }

    private func wordPiece(maxLength: Int) throws -> TextEncoder {
        let folder = try temporaryFolder()
        try DurableFile.write("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\nc\n", to: folder.appending("vocab.txt"))
        return TextEncoder(try Tokenizer(folder: folder), maxLength: maxLength)
    }

    @Test func wordPieceTemplates() throws {
        let encoder = try wordPiece(maxLength: 6)
        let single = encoder.encode("a b")
        #expect(single.tokens == [2, 5, 6, 3] && single.secondSegment == nil && !single.isCut)
        let pair = encoder.encode("a", pair: "b c")
        #expect(pair.tokens == [2, 5, 3, 6, 7, 3] && pair.secondSegment == 3 && !pair.isCut)
        #expect(encoder.encode("").tokens == [2, 3])
        #expect(encoder.encode("", pair: "").tokens == [2, 3, 3])
        let cut = encoder.encode("a a a a b")
        #expect(cut.tokens == [2, 5, 5, 5, 5, 3] && cut.isCut)
        let cutPair = encoder.encode("a a a", pair: "b")
        #expect(cutPair.tokens == [2, 5, 5, 3, 6, 3] && cutPair.secondSegment == 4 && cutPair.isCut)
    }

    /// RoBERTa's: two separators between, and no token types.
    @Test func byteLevelTemplates() throws {
        let folder = try temporaryFolder()
        let alphabet = (33...126).map { Character(Unicode.Scalar(UInt8($0))) } + ["Ġ"]
        var tokens = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"] + alphabet.map { String($0) }
        tokens += ((0..<256).map { $0 }.filter { !(33...126).contains($0) && $0 != 32 }).map { byte in
            // The letters that stand for the other bytes (`bytes_to_unicode`).
            String(Character(Unicode.Scalar(Self.letter(of: byte))!))
        }
        let members = tokens.enumerated().map { index, token in
            "\"\(token == "\"" || token == "\\" ? "\\" + token : token)\": \(index)"
        }
        try DurableFile.write("{" + members.joined(separator: ", ") + "}", to: folder.appending("vocab.json"))
        try DurableFile.write("#version: 0.2\n", to: folder.appending("merges.txt"))
        let encoder = TextEncoder(try Tokenizer(folder: folder), maxLength: 8)
        let ids = ["a", "b", "c", "d"].map { Int32(tokens.firstIndex(of: $0)!) }
        #expect(encoder.encode("ab").tokens == [0, ids[0], ids[1], 2])
        let pair = encoder.encode("ab", pair: "cd")
        #expect(pair.tokens == [0, ids[0], ids[1], 2, 2, ids[2], ids[3], 2] && pair.secondSegment == nil)
        #expect(encoder.encode("abcd", pair: "cd").tokens == pair.tokens, "the longer text gives")
    }

    /// Bytes that print as they are stand for themselves, the others for 256 and up, in order.
    private static func letter(of byte: Int) -> UInt32 {
        if (33...126).contains(byte) || (161...172).contains(byte) || (174...255).contains(byte) { return UInt32(byte) }
        let others = (0..<256).filter {
            !((33...126).contains($0) || (161...172).contains($0) || (174...255).contains($0))
        }
        return UInt32(256 + others.firstIndex(of: byte)!)
    }
}
