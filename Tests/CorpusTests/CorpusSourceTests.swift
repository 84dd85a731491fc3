import Corpus
import Storage
import Testing

/// Text of several sources: every sequence is of one.
@Suite struct CorpusSourceTests {
    let folder: TemporaryFolder
    let tokenizer: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        tokenizer = try TemporaryFolder()
        _ = try tokenizer.write(RandomAccessFile.contents(of: golden("vocab.txt")), to: "vocab.txt")
    }

    private func sequences(_ input: CorpusInput, maxLength: Int = 32) throws -> [TokenSequence] {
        var source = try input.sequences(maxLength: maxLength)
        var sequences: [TokenSequence] = []
        while let sequence = try source.next() { sequences.append(sequence) }
        return sequences
    }

    @Test func noSequenceIsOfTwoSources() throws {
        let one = try folder.write("the vessel the vessel\n\nthe harbour\n", to: "one.txt")
        let two = try folder.write("the water\n", to: "two.txt")
        let apart = try [one, two].map { try sequences(.text([$0], tokenizer: tokenizer.path)) }
        #expect(apart.map(\.count) == [1, 1])
        let input = try CorpusInput.text(
            from: [
                CorpusSource(name: "a", files: [one]), CorpusSource(name: "b", files: [two]),
                CorpusSource(name: "a", files: [two, one]),
            ], tokenizer: tokenizer.path)
        #expect(input.sourceNames == ["a", "b"])
        let found = try sequences(input)
        #expect(found.map(\.source) == [0, 1, 0])
        #expect(found[0].tokens == apart[0][0].tokens && found[1].tokens == apart[1][0].tokens)
        // Within a source documents of two files share a sequence, as ever.
        #expect(found[2].tokens == (try sequences(.text([two, one], tokenizer: tokenizer.path)))[0].tokens)
        #expect(try sequences(.text([one, two], tokenizer: tokenizer.path)).count == 1)
    }

    @Test func idsHaveSources() throws {
        _ = try folder.write(
            #"{"vocab_size": 100, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "mask_token_id": 3}"#,
            to: "config.json")
        let one = try folder.write(#"{"input_ids": [4, 5]}"#, to: "one.jsonl")
        let two = try folder.write(#"{"input_ids": [1, 6, 2]}"#, to: "two.jsonl")
        let input = try CorpusInput.ids(
            from: [CorpusSource(name: "x", files: [one]), CorpusSource(name: "y", files: [two])], model: folder.path)
        #expect(
            try sequences(input) == [
                TokenSequence([1, 4, 5, 2], source: 0), TokenSequence([1, 6, 2], source: 1),
            ])
    }

    @Test func tokensWithoutTextAreKnownByTheirNames() throws {
        let tokens = [
            "[PAD]", "[unused0]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[unused17]", "[unused]", "unused1", "[unusedx]",
            "##s",
            "<s>", "</s>", "<mask>", "madeupword0001", "<unused7>", "mask", "[", "]",
        ]
        let folder = try TemporaryFolder()
        _ = try folder.write(tokens.joined(separator: "\n") + "\n", to: "vocab.txt")
        let found = try CorpusInput.text([], tokenizer: folder.path).tokensWithoutText
        #expect(found.sorted() == [0, 1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15])
    }
}
