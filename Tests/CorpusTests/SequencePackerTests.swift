import Corpus
import Random
import Storage
import SystemPackage
import Testing

@Suite struct SequencePackerTests {
    let vocabulary: Vocabulary

    init() throws {
        vocabulary = try Vocabulary(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + (5..<1000).map { "\($0)" })
    }

    func pack(_ documents: [[Int32]], maxLength: Int) throws -> [[Int32]] {
        var packer = try SequencePacker(maxLength: maxLength, special: vocabulary.special)
        var sequences = TokenSequences()
        for document in documents { packer.append(document, startsDocument: true, to: &sequences) }
        packer.finish(into: &sequences)
        return sequences.map { Array($0) }
    }

    @Test func goesOnWithTheNextDocumentAfterASeparator() throws {
        #expect(try pack([[10, 11], [20]], maxLength: 8) == [[2, 10, 11, 3, 20, 3]])
        #expect(try pack([[10, 11, 12], [20, 21, 22]], maxLength: 6) == [[2, 10, 11, 12, 3], [2, 20, 21, 22, 3]])
        #expect(try pack([[10, 11, 12], [20, 21]], maxLength: 7) == [[2, 10, 11, 12, 3, 20, 3], [2, 21, 3]])
        #expect(try pack([[10, 11, 12, 13]], maxLength: 4) == [[2, 10, 11, 3], [2, 12, 13, 3]])
        #expect(
            try pack([[10], [], [], [20], []], maxLength: 8) == [[2, 10, 3, 20, 3]], "an empty document leaves no trace"
        )
        #expect(try pack([[], []], maxLength: 8) == [])
        #expect(try pack([[10, 11]], maxLength: 3) == [[2, 10, 3], [2, 11, 3]])
    }

    @Test func dropsNothingAndFillsUp() throws {
        let seed: UInt64 = 41
        let stream = RandomStream(seed: seed, purpose: .shuffle)
        for round in 0..<300 {
            var draws = stream.draws(pass: 0, sequence: UInt64(round), position: 0)
            let maxLength = Int.random(in: 3...40, using: &draws)
            let documents = (0..<Int.random(in: 0...30, using: &draws)).map { _ in
                (0..<Int.random(in: 0...60, using: &draws)).map { _ in Int32.random(in: 5..<1000, using: &draws) }
            }
            let sequences = try pack(documents, maxLength: maxLength)
            let hint: Comment = "seed \(seed), round \(round)"
            #expect(sequences.joined().filter { $0 >= 5 } == Array(documents.joined()), hint)
            for sequence in sequences {
                #expect(sequence.first == 2 && sequence.last == 3 && sequence.count <= maxLength, hint)
                #expect(!sequence.dropFirst().contains(2), hint)
                #expect(!zip(sequence, sequence.dropFirst()).contains { $0 == 3 && $1 == 3 }, hint)
            }
            for sequence in sequences.dropLast() { #expect(sequence.count >= maxLength - 2, hint) }

            // The same documents in pieces.
            var packer = try SequencePacker(maxLength: maxLength, special: vocabulary.special)
            var pieced = TokenSequences()
            for document in documents {
                let cut = Int.random(in: 0...document.count, using: &draws)
                packer.append(Array(document[..<cut]), startsDocument: true, to: &pieced)
                packer.append(Array(document[cut...]), startsDocument: false, to: &pieced)
            }
            packer.finish(into: &pieced)
            #expect(pieced.map { Array($0) } == sequences, hint)
        }
    }

    @Test func refusesSequencesWithoutRoom() {
        let error = #expect(throws: CorpusError.self) { try SequencePacker(maxLength: 2, special: vocabulary.special) }
        #expect(error?.kind == .sequenceTooShort(2))
    }

    /// Files to sequences, whatever the size of the chunks.
    @Test func packsFiles() throws {
        let tokenizer = WordPieceTokenizer(
            vocabulary: try Vocabulary(contentsOf: golden("vocab.txt")), configuration: .init())
        func sequences(chunkSize: Int) throws -> [[Int32]] {
            let reader = try DocumentReader([golden("sample.txt"), golden("README.md")], chunkSize: chunkSize)
            var packed = try PackedSequences(of: reader, tokenizer: .wordPiece(tokenizer), maxLength: 32)
            var sequences: [[Int32]] = []
            while let sequence = try packed.next() { sequences.append(sequence.tokens) }
            return sequences
        }
        let whole = try sequences(chunkSize: 1 << 16)
        #expect(whole.count > 30)
        for chunkSize in [64, 100, 257] { #expect(try sequences(chunkSize: chunkSize) == whole) }
        let text = try ["sample.txt", "README.md"].map { name in
            String(decoding: try RandomAccessFile.contents(of: golden(name)), as: UTF8.self)
        }
        let separator = tokenizer.vocabulary.special.separator
        let classification = tokenizer.vocabulary.special.classification
        #expect(
            whole.joined().filter { $0 != separator && $0 != classification }
                == tokenizer.encode(text.joined(separator: "\n")))
    }
}
