import Corpus
import Foundation
import Random
import Storage
import SystemPackage
import Testing

/// Reading on behind a sequence gives the same as reading from the start, for all kinds of files.
@Suite struct ContinuedReadingTests {
    let folder: TemporaryFolder

    let tokenizer: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        tokenizer = try TemporaryFolder()
        _ = try tokenizer.write(RandomAccessFile.contents(of: golden("vocab.txt")), to: "vocab.txt")
    }

    /// Every sequence with the position behind it.
    private func all(_ input: CorpusInput) throws -> [(sequence: TokenSequence, position: SequencePosition)] {
        var source = try input.sequences(maxLength: 32)
        #expect(source.position == nil)
        var all: [(sequence: TokenSequence, position: SequencePosition)] = []
        while let sequence = try source.next() { all.append((sequence, try #require(source.position))) }
        return all
    }

    /// Goes on at some places, each position written and read again on the way.
    private func expectTheSame(_ input: CorpusInput, _ place: SourceLocation = #_sourceLocation) throws {
        let whole = try all(input)
        try #require(whole.count > 20, sourceLocation: place)
        for start in Set([0, 1, 2, whole.count / 3, whole.count / 2, whole.count - 2, whole.count - 1]) {
            let position = whole[start].position
            #expect(position.sequence == whole[start].sequence.tokens)
            let json = try JSONEncoder().encode(position)
            let read = try JSONDecoder().decode(SequencePosition.self, from: json)
            var rest = try input.sequences(maxLength: 32, behind: read)
            for (sequence, position) in whole[(start + 1)...] {
                let next = try rest.next()
                try #require(next == sequence, "behind \(start)", sourceLocation: place)
                try #require(rest.position == position, "behind \(start)", sourceLocation: place)
            }
            #expect(try rest.next() == nil)
            #expect(rest.counts == whole[whole.count - 1].position.counts, sourceLocation: place)
        }
    }

    /// More than one window, with lines longer than one, lines that are not UTF-8, and words that are cut.
    private func text(lines: Int = 1500) -> [UInt8] {
        var draws = RandomStream(seed: 3, purpose: .shuffle).draws(pass: 0, sequence: 0, position: 0)
        var text: [UInt8] = [0xEF, 0xBB, 0xBF]
        for index in 0..<lines {
            let words = (0..<draws.integer(in: 1..<12)).map { _ in "the vessel \(draws.integer(in: 0..<50))" }
            text += Array((words.joined(separator: " ") + "\n").utf8)
            if index % 5 == 0 { text.append(0x0A) }
            if index % 300 == 0 { text += [0xE9, 0x0A] }
            // No window ends where a line of this length does; nothing in it tells words apart.
            if index % 500 == 499 { text += [UInt8](repeating: UInt8(ascii: "a"), count: 70_001) }
        }
        return text
    }

    @Test func behindAnySequenceOfText() throws {
        let texts = [
            try folder.write(text(), to: "a.txt"), try folder.write("", to: "b.txt"), golden("sample.txt.gz"),
            golden("sample.txt.zst"), try folder.write(text(), to: "c.txt"),
        ]
        try expectTheSame(.text(texts, tokenizer: tokenizer.path))
    }

    @Test func behindAnySequenceOfSources() throws {
        let (english, german) = (try folder.write(text(), to: "a.txt"), try folder.write(text(lines: 300), to: "b.txt"))
        let empty = try folder.write("", to: "c.txt")
        let input = try CorpusInput.text(
            from: [
                CorpusSource(name: "en", files: [german, empty]), CorpusSource(name: "de", files: [empty, english]),
                CorpusSource(name: "en", files: [english]),
            ], tokenizer: tokenizer.path)
        try expectTheSame(input)
        let sources = try all(input).map(\.sequence.source)
        let changes = zip(sources, sources.dropFirst()).count { $0 != $1 }
        #expect(sources.first == 0 && sources.last == 0 && changes == 2)
    }

    @Test func behindAnySequenceOfJSONLines() throws {
        let lines = (0..<1000).map {
            $0 % 97 == 0 ? "{" : #"{"text": "the vessel \#($0) \ud83d of\n\nwater \#($0)"}"#
        }
        let path = try folder.write(lines.joined(separator: "\n"), to: "a.jsonl")
        let input = try CorpusInput.text([path, path], tokenizer: tokenizer.path, badLines: .skip)
        try expectTheSame(input)
        let counts = try #require(try all(input).last).position.counts
        #expect(counts.skippedLines.count == 2 * 11 && counts.loneSurrogates.count == 2 * (1000 - 11))
    }

    @Test func behindAnySequenceOfIDs() throws {
        _ = try folder.write(
            #"{"vocab_size": 100, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "mask_token_id": 3}"#,
            to: "config.json")
        let lines = (0..<500).map { #"{"input_ids": [\#((0..<$0 % 60).map { "\(4 + $0)" }.joined(separator: ", "))]}"# }
        func array(_ shape: String, _ count: Int, to name: String) throws -> FilePath {
            let header = Array("{'descr': '|u1', 'fortran_order': False, 'shape': (\(shape)), }\n".utf8)
            let bytes = (0..<count).map { UInt8(4 + $0 * $0 % 90) }
            return try folder.write(
                [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.count), 0] + header + bytes, to: name)
        }
        let files = [
            try folder.write(lines.joined(separator: "\n"), to: "a.jsonl"),
            try array("150001,", 150_001, to: "a.npy"), try array("40, 25", 1000, to: "b.npy"),
        ]
        for file in files { try expectTheSame(.ids([file], model: folder.path)) }
        try expectTheSame(.ids(files, model: folder.path))
    }

    /// Records that lines and chunks do not end with, beside a text, with windows that overlap or do not.
    @Test(arguments: [0, 11]) func behindAnySequenceOfRecords(overlap: Int) throws {
        try NucleotideVocabulary(otherLetters: "N").tokenizer().write(to: tokenizer.path)
        var draws = RandomStream(seed: 5, purpose: .shuffle).draws(pass: 0, sequence: 0, position: 0)
        func records(_ counts: [Int], width: Int) -> String {
            counts.enumerated().map { index, count in
                let letters = (0..<count).map { _ in Array("ACGTn-")[draws.integer(in: 0..<6)] }
                let lines = stride(from: 0, to: count, by: width).map { String(letters[$0..<min($0 + width, count)]) }
                return ">\(index)\n" + lines.joined(separator: "\n") + "\n"
            }.joined()
        }
        let files = [
            try folder.write(records([5, 140_000, 29, 30, 61, 1], width: 60), to: "a.fa"),
            try folder.write("ACGT\n\nACGTACGT\n", to: "b.txt"),
            try folder.write(records([200_000, 3], width: 1 << 20), to: "c.fasta"),
            try folder.write(records([70_000], width: 50), to: "d.fna"),
        ]
        let input = try CorpusInput.text(
            from: [CorpusSource(name: "x", files: files), CorpusSource(name: "y", files: [files[0]])],
            tokenizer: tokenizer.path, overlap: overlap)
        try expectTheSame(input)
        #expect(Set(try all(input).map(\.sequence.source)) == [0, 1])
    }

    /// The text before the place is not even looked at.
    @Test func readsNothingBeforeThePlace() throws {
        let path = try folder.write(text(), to: "a.txt")
        let input = try CorpusInput.text([path], tokenizer: tokenizer.path)
        let whole = try all(input)
        let start = whole.count * 3 / 4
        var bytes = try RandomAccessFile.contents(of: path)
        for index in 0..<bytes.count / 2 { bytes[index] = 0xFF }
        try DurableFile.write(bytes, to: path)
        var rest = try input.sequences(maxLength: 32, behind: whole[start].position)
        var found: [TokenSequence] = []
        while let sequence = try rest.next() { found.append(sequence) }
        #expect(found == whole[(start + 1)...].map(\.sequence))
        #expect(rest.counts == whole[whole.count - 1].position.counts)
    }

    /// A position that was tampered with never ends the process. (The file that it is kept in has a checksum.)
    @Test func refusesAPlaceThatCannotBe() throws {
        let path = try folder.write(text(lines: 100), to: "a.txt")
        let input = try CorpusInput.text([path, path], tokenizer: tokenizer.path)
        let whole = try all(input)
        let json = String(decoding: try JSONEncoder().encode(whole[whole.count / 2].position), as: UTF8.self)
        var refused = 0
        for match in json.matches(of: /(openedFiles|start|count|used|line|taken|tokens|bytes|repeated)":(\d+)/) {
            for value in ["-1", "0", "1", "7", "\(Int.max)", "\(Int.min)"] {
                let changed = json.replacingCharacters(in: match.2.startIndex..<match.2.endIndex, with: value)
                guard let position = try? JSONDecoder().decode(SequencePosition.self, from: Data(changed.utf8)) else {
                    continue
                }
                do {
                    var rest = try input.sequences(maxLength: 32, behind: position)
                    while try rest.next() != nil {}
                } catch {
                    #expect(error.kind == .unusablePosition, "\(error)")
                    refused += 1
                }
            }
        }
        #expect(refused >= 12)
        let (otherLength, otherText) = (whole[5].position, try folder.write("another text\n", to: "b.txt"))
        #expect(throws: CorpusError.self) { try input.sequences(maxLength: 16, behind: otherLength) }
        let other = try CorpusInput.text([otherText], tokenizer: tokenizer.path)
        #expect(throws: CorpusError.self) { try other.sequences(maxLength: 32, behind: otherLength) }
    }
}
