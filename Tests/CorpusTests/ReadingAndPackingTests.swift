import Corpus
import Fixtures
import Storage
import SystemPackage
import Testing

@Suite struct ReadingAndPackingTests {
    private func documents(_ contents: [[UInt8]]) throws -> [[String]] {
        let folder = try temporaryFolder()
        let paths = try contents.enumerated().map { index, bytes in
            let path = folder.appending("\(index).txt")
            try DurableFile.write(bytes, to: path)
            return path
        }
        var reader = try DocumentReader(paths)
        var documents: [[String]] = [[]]
        while let element = try reader.next() {
            switch element {
            case .line(let line): documents[documents.count - 1].append(String(decoding: line, as: UTF8.self))
            case .documentEnd: documents.append([])
            }
        }
        #expect(documents.removeLast().isEmpty)
        #expect(reader.bytesRead == reader.byteCount)
        return documents
    }

    @Test(arguments: [
        ("", []), ("\n\n \n", []), ("a", [["a"]]), ("a\nb\n\nc\n", [["a", "b"], ["c"]]),
        ("a\r\nb\r\n\r\nc", [["a", "b"], ["c"]]), ("\u{FEFF}a\n \t\nb", [["a"], ["b"]]),
        ("\n\na\n\n\n\nb\n\n", [["a"], ["b"]]),
    ])
    func documentsEndAtBlankLines(text: String, expected: [[String]]) throws {
        #expect(try documents([Array(text.utf8)]) == expected)
    }

    @Test func aFileEndsItsDocument() throws {
        #expect(try documents([Array("a\nb".utf8), Array("c".utf8)]) == [["a", "b"], ["c"]])
    }

    /// Lines that straddle the reader's buffers, of every length around a power of two.
    @Test func linesOfAnyLength() throws {
        let lines = [1, 5, (1 << 18) - 2, (1 << 18) - 1, 1 << 18, (1 << 18) + 1, 700_000].map {
            String(repeating: "x", count: $0)
        }
        #expect(try documents([Array(lines.joined(separator: "\n").utf8)]) == [lines])
    }

    @Test func aLineWithoutEndIsCutAtAWord() throws {
        let words = String(repeating: "word ", count: 500_000)
        let lines = try documents([Array(words.utf8)])[0]
        #expect(lines.joined() == words)
        #expect(lines.count > 1 && lines.allSatisfy { $0.hasSuffix("word ") && $0.utf8.count < 1 << 21 })
    }

    @Test func aMissingFileIsKnownAtOnce() {
        let error = #expect(throws: CorpusError.self) { try DocumentReader(["/nowhere/at/all"]) }
        #expect(error?.kind == .file)
        #expect(throws: CorpusError.self) { try DocumentReader([]) }
    }

    private func pack(_ documents: [[Int32]], maximumLength: Int) -> [[Int32]] {
        var packer = SequencePacker(maximumLength: maximumLength, classification: 1, separator: 2)
        var sequences: [[Int32]] = []
        for document in documents {
            packer.append(document) { sequences.append($0) }
            packer.endDocument { sequences.append($0) }
        }
        packer.finish { sequences.append($0) }
        return sequences
    }

    @Test func packsByHand() {
        #expect(pack([], maximumLength: 5) == [])
        #expect(pack([[]], maximumLength: 5) == [])
        #expect(pack([[7]], maximumLength: 5) == [[1, 7, 2]])
        #expect(pack([[7, 8, 9]], maximumLength: 5) == [[1, 7, 8, 9, 2]])
        #expect(pack([[7, 8, 9, 10]], maximumLength: 5) == [[1, 7, 8, 9, 2], [1, 10, 2]])
        #expect(pack([[7], [8]], maximumLength: 5) == [[1, 7, 2, 8, 2]])
        #expect(pack([[7, 8], [9]], maximumLength: 5) == [[1, 7, 8, 2], [1, 9, 2]])
    }

    /// Nothing is lost, nothing is too long, and nothing but the end is short.
    @Test(arguments: [3, 4, 5, 17, 64])
    func dropsNothing(maximumLength: Int) {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SplitMix(state: seed)
        let documents = (0..<200).map { _ in
            (0..<Int.random(in: 0...90, using: &random)).map { _ in Int32.random(in: 10...99, using: &random) }
        }
        let sequences = pack(documents, maximumLength: maximumLength)
        #expect(sequences.flatMap { $0.filter { $0 >= 10 } } == documents.flatMap(\.self), "seed \(seed)")
        for sequence in sequences {
            #expect(sequence.count <= maximumLength && sequence.first == 1 && sequence.last == 2, "seed \(seed)")
            #expect(!zip(sequence, sequence.dropFirst()).contains { $0 == 2 && $1 == 2 }, "seed \(seed)")
        }
        for sequence in sequences.dropLast() { #expect(sequence.count >= maximumLength - 1, "seed \(seed)") }
    }
}

/// A generator with a seed that a failing test can print (Steele, Lea & Flood 2014).
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
