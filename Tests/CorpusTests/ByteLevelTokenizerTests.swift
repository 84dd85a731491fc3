import Corpus
import FoundationEssentials
import Random
import Storage
import SystemPackage
import Testing

/// Against Hugging Face's own ids, and against the definition of byte-pair encoding.
@Suite struct ByteLevelTokenizerTests {
    struct Golden: Decodable {
        struct Case: Decodable {
            let text: String
            let ids: [Int32]
            let prefixed: [Int32]
        }
        let cases: [Case]
    }

    let tokenizer: ByteLevelTokenizer

    init() throws { tokenizer = try ByteLevelTokenizer(folder: golden("byte-level")) }

    @Test func givesTheIdsOfHuggingFace() throws {
        let bytes = try RandomAccessFile.contents(of: golden("byte-level.json"))
        let cases = try JSONDecoder().decode(Golden.self, from: Data(bytes)).cases
        #expect(cases.count >= 150)
        guard case .byteLevel(let fromFile) = try Tokenizer(folder: golden("byte-level")) else {
            Issue.record("tokenizer.json is of a byte-level tokenizer")
            return
        }
        let folder = try TemporaryFolder()
        for name in ["vocab.json", "merges.txt"] {
            _ = try folder.write(RandomAccessFile.contents(of: golden("byte-level").appending(name)), to: name)
        }
        _ = try folder.write(#"{"add_prefix_space": true}"#, to: "tokenizer_config.json")
        let prefixed = try ByteLevelTokenizer(folder: folder.path)
        for golden in cases {
            let hint = String(golden.text.unicodeScalars.map { $0.escaped(asASCII: true) }.joined().prefix(200))
            #expect(tokenizer.encode(golden.text) == golden.ids, "\(hint)")
            #expect(fromFile.encode(golden.text) == golden.ids, "tokenizer.json: \(hint)")
            #expect(prefixed.encode(golden.text) == golden.prefixed, "with a space: \(hint)")
        }
    }

    /// Long words go through a queue, short ones are searched: both are the definition, whatever the length.
    @Test func mergesWordsOfAnyLength() throws {
        let vocabulary = tokenizer.vocabulary
        let text = String(decoding: try RandomAccessFile.contents(of: golden("byte-level/merges.txt")), as: UTF8.self)
        var ranks: [[Int32]: Int] = [:]
        for (rank, line) in text.split(separator: "\n").dropFirst().enumerated() {
            let pair = line.split(separator: " ").compactMap { vocabulary.id(of: String($0)) }
            ranks[pair] = rank
        }
        let seed: UInt64 = 8
        let stream = RandomStream(seed: seed, purpose: .shuffle)
        let letters = Array("theandirboug".utf8)
        for round in 0..<200 {
            var draws = stream.draws(pass: 0, sequence: UInt64(round), position: 0)
            let word = (0..<Int.random(in: 1...200, using: &draws)).map { _ in letters.randomElement(using: &draws)! }
            var symbols = word.compactMap { vocabulary.id(of: [$0].span) }
            while let best = zip(symbols, symbols.dropFirst()).compactMap({ ranks[[$0, $1]] }).min(),
                let index = symbols.indices.dropLast().first(where: { ranks[[symbols[$0], symbols[$0 + 1]]] == best })
            {
                let merged = vocabulary.token(symbols[index]) + vocabulary.token(symbols[index + 1])
                symbols.replaceSubrange(index...(index + 1), with: [try #require(vocabulary.id(of: merged))])
            }
            #expect(tokenizer.encode(String(decoding: word, as: UTF8.self)) == symbols, "seed \(seed), round \(round)")
        }
    }

    /// A word of a million letters does not take a million squared steps.
    @Test func boundsTheWorkOnHostileText() {
        let letters = String(repeating: "harbour", count: 150_000)
        #expect(tokenizer.decode(tokenizer.encode(letters)) == letters)
        #expect(tokenizer.decode(tokenizer.encode(String(repeating: " ", count: 300_000))).utf8.count == 300_000)
    }

    @Test func readsBrokenUTF8AsReplacementCharacters() {
        var ids: [Int32] = []
        tokenizer.encode(([0x61, 0xFF, 0x62, 0xE4, 0xB8] as [UInt8]).span, into: &ids)
        #expect(ids == tokenizer.encode("a\u{FFFD}b\u{FFFD}"))
        #expect(tokenizer.decode(ids) == "a\u{FFFD}b\u{FFFD}")
    }

    @Test func takesTheLinesOfATextFileOneByOne() throws {
        let folder = try TemporaryFolder()
        let kind = Tokenizer.byteLevel(tokenizer)
        func ids(_ text: String, _ name: String) throws -> [Int32] {
            var reader = try DocumentReader([folder.write(text, to: name)])
            return kind.encode(try #require(try reader.next()))
        }
        let lines = tokenizer.encode("the harbour") + tokenizer.encode(" is grey")
        #expect(try ids("the harbour\r\n is grey\n", "text.txt") == lines)
        #expect(
            try ids(#"{"text": "the harbour\n is grey"}"#, "text.jsonl") == tokenizer.encode("the harbour\n is grey"))
        #expect(tokenizer.encode("the harbour\n is grey") != lines)
    }

    /// However a long line is cut, its tokens are those of the whole.
    @Test func cutsLongLinesBetweenTokens() throws {
        let folder = try TemporaryFolder()
        let line = (0..<300).map { "harbour\($0 % 7 == 0 ? "  " : " ")is  grey's" }.joined(separator: " ")
        let path = try folder.write(line, to: "long.txt")
        for chunkSize in [40, 57, 64, 100, 1 << 16] {
            var reader = try DocumentReader([path], chunkSize: chunkSize)
            var ids: [Int32] = []
            while let chunk = try reader.next() { ids += Tokenizer.byteLevel(tokenizer).encode(chunk) }
            #expect(ids == tokenizer.encode(line), "chunks of \(chunkSize)")
        }
    }

    @Test func tellsPeopleWhatTokensAre() throws {
        let kind = Tokenizer.byteLevel(tokenizer)
        let ids = tokenizer.encode("h the")
        #expect(ids.map(kind.startsWord) == [false, true])
        #expect(ids.map(kind.text) == ["h", "the"])
        #expect(kind.text(of: 0) == "<s>")
    }
}
