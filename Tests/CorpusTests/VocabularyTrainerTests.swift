import Corpus
import Storage
import SystemPackage
import Testing

@Suite struct VocabularyTrainerTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    static let special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]

    func tokens(_ vocabulary: Vocabulary) -> [String] { (0..<Int32(vocabulary.count)).map(vocabulary.token) }

    @Test func mergesTheMostFrequentPairFirst() throws {
        // ##u ##g occurs 6 times, then h ##ug 3 times; of the pairs that occur twice p ##u has the lowest ids, so it is
        // taken before p ##ug and ##u ##n. After it, pu ##n has higher ids than p ##ug.
        let text = try folder.write("hug hug hug pug pug pun pun mug.", to: "text")
        let trained = try VocabularyTrainer(size: 100).train(on: [text])
        #expect(
            tokens(trained.vocabulary)
                == Self.special + [
                    ".", "g", "h", "m", "n", "p", "u", "##g", "##n", "##u", "##ug", "hug", "pu", "pug", "pun",
                ])
        #expect(trained.words == 9)
        #expect(trained.distinctWords == 5)
        #expect(trained.unknownWords == 0)
        let limited = try VocabularyTrainer(size: 17).train(on: [text])
        #expect(tokens(limited.vocabulary) == Array(tokens(trained.vocabulary).prefix(17)))
    }

    @Test func stopsWhileItMerges() throws {
        let text = try folder.write("hug hug hug pug pug pun pun mug.", to: "text")
        var pieces = 0
        #expect(throws: CancellationError.self) {
            try VocabularyTrainer(size: 100).train(
                on: [text], progress: { if case .merging(let tokens, _) = $0 { pieces = tokens } },
                isInterrupted: { pieces == 17 })
        }
        #expect(pieces == 17)
    }

    /// Against counting all pairs anew for every merge.
    ///
    /// Pieces are scalars here: Swift's strings would take `##` and a mark for two characters, not three.
    @Test(arguments: [true, false]) func agreesWithTheNaiveAlgorithm(lowercases: Bool) throws {
        typealias Piece = [UInt32]
        let prefix = "##".unicodeScalars.map(\.value)
        let configuration = TokenizerConfiguration(lowercases: lowercases)
        let trained = try VocabularyTrainer(size: 600, configuration: configuration).train(on: [golden("sample.txt")])
        let tokens: [Piece] = tokens(trained.vocabulary).map { $0.unicodeScalars.map(\.value) }

        // The tokenizer knows every character, so that its pieces joined again are the words of the text.
        let text = String(decoding: try RandomAccessFile.contents(of: golden("sample.txt")), as: UTF8.self)
        var texts: [Piece] = []
        for piece in trained.tokenizer.encode(text).map({ tokens[Int($0)] }) {
            if piece.starts(with: prefix) { texts[texts.count - 1] += piece.dropFirst(2) } else { texts.append(piece) }
        }
        var words = Dictionary(texts.map { ($0, 1) }, uniquingKeysWith: +).map { word, count in
            (pieces: word.enumerated().map { $0 == 0 ? [$1] : prefix + [$1] }, count: count)
        }

        var naive: [Piece] = Self.special.map { $0.unicodeScalars.map(\.value) }
        naive += Set(texts.joined()).sorted().map { [$0] }
        naive += Set(texts.flatMap { $0.dropFirst() }).sorted().map { prefix + [$0] }
        while naive.count < 600 {
            let ids = Dictionary(uniqueKeysWithValues: naive.enumerated().map { ($1, $0) })
            var counts: [[Int]: Int] = [:]
            for word in words {
                for (left, right) in zip(word.pieces, word.pieces.dropFirst()) {
                    counts[[try #require(ids[left]), try #require(ids[right])], default: 0] += word.count
                }
            }
            let best = try #require(
                counts.max { ($0.value, $1.key[0], $1.key[1]) < ($1.value, $0.key[0], $0.key[1]) })
            guard best.value >= 2 else { break }
            let (left, right) = (naive[best.key[0]], naive[best.key[1]])
            let merged = left + right.dropFirst(2)
            for index in words.indices {
                var pieces: [Piece] = []
                for piece in words[index].pieces {
                    if piece == right, pieces.last == left {
                        pieces[pieces.count - 1] = merged
                    } else {
                        pieces.append(piece)
                    }
                }
                words[index].pieces = pieces
            }
            if !naive.contains(merged) { naive.append(merged) }
        }
        #expect(naive == tokens)
    }

    @Test func tokenizesItsOwnText() throws {
        var steps: [VocabularyTrainer.Progress] = []
        let trained = try VocabularyTrainer(size: 500).train(on: [golden("sample.txt")]) { steps.append($0) }
        #expect(trained.vocabulary.count == 500)
        #expect(Array(tokens(trained.vocabulary).prefix(5)) == Self.special)
        let bytes = try RandomAccessFile.contents(of: golden("sample.txt"))
        let ids = trained.tokenizer.encode(String(decoding: bytes, as: UTF8.self))
        #expect(!ids.contains { $0 == trained.vocabulary.special.unknown })
        #expect(ids.count < bytes.count / 2)
        let read = steps.filter { if case .counting = $0 { true } else { false } }
        #expect(read.last == .counting(bytes: UInt64(bytes.count), of: UInt64(bytes.count)))
        #expect(steps.last == .merging(tokens: 500, of: 500))

        let again = try VocabularyTrainer(size: 500).train(on: [golden("sample.txt")])
        #expect(again.vocabulary.canonicalBytes == trained.vocabulary.canonicalBytes)
    }

    @Test func keepsTheMostFrequentCharacters() throws {
        let text = try folder.write("aaa aaa bb bb ac d", to: "text")
        var trainer = VocabularyTrainer(size: 50)
        trainer.alphabet = .count(2)
        let trained = try trainer.train(on: [text])
        #expect(tokens(trained.vocabulary) == Self.special + ["a", "b", "##a", "##b", "aa", "bb", "aaa"])
        #expect(trained.droppedCharacters == 2)
        #expect(trained.unknownWords == 2)
        #expect(trained.vocabulary.id(of: "c") == nil)
        #expect(trained.vocabulary.id(of: "##c") == nil)
    }

    /// A text of many different characters, as Chinese is: nearly all can be spelled, whatever their number.
    @Test func keepsTheCharactersThatCoverTheText() throws {
        let ideographs = (0..<5000 as Range<UInt32>).compactMap { Unicode.Scalar(0x4E00 + $0) }
        var text = String.UnicodeScalarView()
        for (rank, ideograph) in ideographs.enumerated() {
            // As in language: the rank and the frequency of a character make a constant, and many occur once.
            for _ in 0..<max(1, 20_000 / (rank + 1)) { text.append(ideograph) }
        }
        let path = try folder.write(String(text), to: "text")
        let trained = try VocabularyTrainer(size: 21_128).train(on: [path])
        #expect(trained.keptCharacters + trained.droppedCharacters == 5000)
        #expect(trained.keptCharacters > 4800 && trained.droppedCharacters > 10)
        #expect(trained.characterCoverage >= 0.9995 && trained.characterCoverage < 0.9996)
        #expect(Double(trained.unknownWords) <= 0.0005 * Double(trained.words) && trained.unknownWords > 0)

        var trainer = VocabularyTrainer(size: 21_128)
        trainer.alphabet = .coverage(0.5, atLeast: 0)
        let half = try trainer.train(on: [path])
        #expect(half.characterCoverage >= 0.5 && half.characterCoverage < 0.55 && half.keptCharacters < 200)
        trainer.alphabet = .coverage(0.5, atLeast: 300)
        #expect(try trainer.train(on: [path]).keptCharacters == 300)
        trainer.alphabet = .coverage(1, atLeast: 0)
        #expect(try trainer.train(on: [path]).keptCharacters == 5000)
    }

    @Test func refusesWhatCannotBeTrained() throws {
        let text = try folder.write("abc", to: "text")
        let small = #expect(throws: CorpusError.self) { try VocabularyTrainer(size: 9).train(on: [text]) }
        #expect(small?.kind == .vocabularyTooSmall(asked: 9, needed: 10))
        #expect(small?.remedy.contains("10") == true)
        #expect(throws: CorpusError.self) { try VocabularyTrainer(size: -1).train(on: [text]) }
        let blank = try folder.write(" \n\u{AD}\n", to: "blank")
        #expect(
            #expect(throws: CorpusError.self) { try VocabularyTrainer(size: 99).train(on: [blank]) }?.kind == .noText)
        let endless = try folder.write(String(repeating: "x", count: 300), to: "endless")
        let long = #expect(throws: CorpusError.self) { try VocabularyTrainer(size: 99).train(on: [endless]) }
        #expect(long?.problem == "all words of the text are too long")
        let gone = #expect(throws: CorpusError.self) {
            try VocabularyTrainer(size: 99).train(on: [folder.path.appending("x")])
        }
        #expect(gone?.kind == .file)
    }
}
