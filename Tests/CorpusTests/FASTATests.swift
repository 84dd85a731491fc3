import Corpus
import Foundation
import Random
import Storage
import SystemPackage
import Testing

/// Records of FASTA: the letters that are read of them, how they are cut into windows, and refusals.
@Suite struct FASTATests {
    let folder: TemporaryFolder
    let tokenizer: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        tokenizer = try TemporaryFolder()
        try NucleotideVocabulary(otherLetters: "N").tokenizer().write(to: tokenizer.path)
    }

    private func sequences(
        _ files: [FilePath], maxLength: Int = 32, overlap: Int = 0
    ) throws -> [[Int32]] {
        let input = try CorpusInput.text(
            from: [CorpusSource(files: files)], tokenizer: tokenizer.path, overlap: overlap)
        var source = try input.sequences(maxLength: maxLength)
        var sequences: [[Int32]] = []
        while let sequence = try source.next() { sequences.append(sequence.tokens) }
        return sequences
    }

    /// Letters at random, of both cases.
    private func letters(_ count: Int, seed: UInt64) -> String {
        var draws = RandomStream(seed: seed, purpose: .shuffle).draws(pass: 0, sequence: 0, position: 0)
        return String((0..<count).map { _ in Array("ACGTacgtN")[draws.integer(in: 0..<9)] })
    }

    private func wrapped(_ records: [String], at width: Int, lineEnd: String = "\n") -> String {
        records.enumerated().map { index, letters in
            let lines = stride(from: 0, to: letters.count, by: width).map { start in
                String(Array(letters)[start..<min(start + width, letters.count)])
            }
            return ([">record \(index) of >some"] + lines).joined(separator: lineEnd) + lineEnd
        }.joined()
    }

    /// Letter by letter, window by window.
    private func naiveWindows(of records: [String], maxLength: Int, overlap: Int) -> [[Int32]] {
        let ids: [Character: Int32] = ["A": 7, "C": 8, "G": 9, "T": 10, "N": 11]
        var windows: [[Int32]] = []
        for record in records.map({ Array($0.uppercased()) }) {
            var start = 0
            var end = 0
            while end < record.count {
                end = min(start + maxLength - 2, record.count)
                windows.append([2] + record[start..<end].map { ids[$0] ?? 1 } + [3])
                start = end - overlap
            }
        }
        return windows
    }

    /// Lines of any width, of either end, with blank lines, and compressed.
    @Test(arguments: [0, 1, 7, 29]) func windowsAreThoseOfANaiveReader(overlap: Int) throws {
        // The lengths of windows of 30 letters: fewer, as many, one more, two and a half; and more than a chunk.
        let records = [1, 29, 30, 31, 75, 60, 70_001].enumerated().map { letters($1, seed: UInt64($0)) }
        let expected = naiveWindows(of: records, maxLength: 32, overlap: overlap)
        let texts = [
            ("60.fa", wrapped(records, at: 60)), ("one-line.fasta", wrapped(records, at: 1 << 20)),
            ("crlf.fna", wrapped(records, at: 70, lineEnd: "\r\n")),
            ("blank.FA", "\n \n" + wrapped(records, at: 61, lineEnd: "\n \n")),
            ("mark.fa", "\u{FEFF}" + wrapped(records, at: 7)),
            ("no-end.fa", String(wrapped(records, at: 80).dropLast())),
        ]
        for (name, text) in texts {
            let found = try sequences([folder.write(text, to: name)], overlap: overlap)
            #expect(found == expected, "\(name)")
        }
        #expect(expected != naiveWindows(of: records, maxLength: 32, overlap: overlap ^ 1))
    }

    /// Chunks and windows of the reader are not to be seen in the sequences.
    @Test func chunksDoNotShow() throws {
        let records = [1, 500, 3000].enumerated().map { letters($1, seed: UInt64($0)) }
        let paths = [
            try folder.write(wrapped(records, at: 60), to: "a.fa"),
            try folder.write(wrapped(records, at: 10_000), to: "b.fa"),
        ]
        let expected = try sequences([paths[0]])
        for path in paths {
            for chunkSize in [8, 61, 100, 1 << 16] {
                var reader = try DocumentReader([path], chunkSize: chunkSize)
                var found: [String] = []
                while let chunk = try reader.next() {
                    #expect(chunk.isOfRecord && !chunk.bytes.isEmpty && chunk.bytes.count < 3 * chunkSize)
                    if chunk.startsDocument { found.append("") }
                    found[found.count - 1] += String(decoding: chunk.bytes, as: UTF8.self)
                }
                #expect(found == records, "\(path) in chunks of \(chunkSize)")
                #expect(reader.counts.bytes == 3501)
                var packed = try PackedSequences(
                    of: DocumentReader([path], chunkSize: chunkSize), tokenizer: Tokenizer(folder: tokenizer.path),
                    maxLength: 32)
                var sequences: [[Int32]] = []
                while let sequence = try packed.next() { sequences.append(sequence.tokens) }
                #expect(sequences == expected)
            }
        }
    }

    /// A header that is longer than the reader's window is passed over whole, `>` and all.
    @Test func longHeader() throws {
        let name = String(repeating: "a name of > many words ", count: 10_000)
        let path = try folder.write(">\(name)\nACGT\n>\(name)\nTTTT\n>", to: "a.fa")
        let error = #expect(throws: CorpusError.self) { try sequences([path]) }
        #expect(error?.location?.spot == .line(5) && error?.problem == "the record has no letters")
        let good = try folder.write(">\(name)\nACGT\n>\(name)\nTTTT\n", to: "b.fa")
        #expect(try sequences([good]) == [[2, 7, 8, 9, 10, 3], [2, 10, 10, 10, 10, 3]])
    }

    /// A `>` that does not begin a line begins no record, however the line is cut.
    @Test func headersBeginLines() throws {
        let path = try folder.write(">a\n" + String(repeating: "A", count: 1 << 16) + ">b\nAC\n", to: "a.fa")
        let error = #expect(throws: CorpusError.self) { try sequences([path]) }
        #expect(error?.problem == "the character > is not a letter of a sequence")
        #expect(error?.location?.spot == .line(2))
    }

    /// Texts and records in one input: no sequence holds both.
    @Test func besideTexts() throws {
        let (text, records) = (
            try folder.write("ACG\n\nTT\n", to: "a.txt"), try folder.write(">a\nGG\n>b\nCC\n", to: "b.fa")
        )
        let expected: [[Int32]] = [[2, 7, 8, 9, 3, 10, 10, 3], [2, 9, 9, 3], [2, 8, 8, 3]]
        #expect(try sequences([text, records]) == expected)
        #expect(try sequences([records, text]) == Array(expected[1...]) + [expected[0]])
    }

    /// A window of a gap has nothing to learn from.
    @Test func gapsAreLeftOut() throws {
        try NucleotideVocabulary().tokenizer().write(to: tokenizer.path)
        let gap = String(repeating: "N", count: 300)
        let path = try folder.write(">a\nACGT\(gap)ACGT\n>b\n\(gap)\n", to: "a.fa")
        let found = try sequences([path])
        #expect(found.count == 2 && found.allSatisfy { $0.contains(7) })
        #expect(found[0].prefix(6) == [2, 7, 8, 9, 10, 1])
        let none = try folder.write(">b\n\(gap)\n", to: "b.fa")
        #expect(try sequences([none]).isEmpty)
    }

    @Test(arguments: [
        ("ACGT\n>a\nACGT\n", "letters stand before the first header", 1),
        ("\n\n>a\nACGT\n>b\n\n>c\nA\n", "the record has no letters", 5),
        (">a\nACGT\n>b\n", "the record has no letters", 3),
        (">a\nACGT\nAC5T\n", "the character 5 is not a letter of a sequence", 3),
        (">a\nACGT\n;a\n", "the character ; is not a letter of a sequence", 3),
        ("@a\nACGT\n+\nIIII\n", "the character @ is not a letter of a sequence", 1),
        (">a\nACGT\0\n", "the byte 0x00 is not a letter of a sequence", 2),
        (">a\nÄ\n", "the byte 0xC3 is not a letter of a sequence", 2),
        ("", "the file has no record", nil), ("\n \n", "the file has no record", nil),
    ])
    func refusesWhatIsNoFASTA(text: String, problem: String, line: Int?) throws {
        let path = try folder.write(text, to: "a.fa")
        let error = #expect(throws: CorpusError.self) { try sequences([path]) }
        #expect(error?.kind == .malformedRecord && error?.blame == .data)
        #expect(error?.problem == problem)
        #expect(error?.location?.file == path.string && error?.location?.spot == line.map { .line($0) })
        #expect(error?.remedy.isEmpty == false)
        // The look before the work finds it as well.
        let input = try CorpusInput.text([path], tokenizer: tokenizer.path)
        #expect(throws: CorpusError.self) { try input.check(maxLength: 32) { _, _ in } }
    }

    /// A vocabulary of words would make one unknown word of a genome.
    @Test func refusesAVocabularyOfWords() throws {
        let words = try TemporaryFolder()
        _ = try words.write(RandomAccessFile.contents(of: golden("vocab.txt")), to: "vocab.txt")
        let path = try folder.write(">a\nACGT\n", to: "a.fa.gz")
        let error = #expect(throws: CorpusError.self) { try CorpusInput.text([path], tokenizer: words.path) }
        #expect(error?.kind == .notLetters && error?.location?.file == path.string)
        let trainer = VocabularyTrainer(size: 100)
        #expect(throws: CorpusError.self) { try trainer.train(on: [path]) }
    }

    @Test func windowsGetOn() throws {
        let path = try folder.write(">a\nACGTACGT\n", to: "a.fa")
        #expect(try sequences([path], maxLength: 4, overlap: 1).count == 7)
        for overlap in [2, 30, -1] {
            let error = #expect(throws: CorpusError.self) { try sequences([path], maxLength: 4, overlap: overlap) }
            #expect(error?.kind == .overlapTooLong(overlap) && error?.blame == .usage)
        }
    }

    @Test func countsLetters() throws {
        let path = try folder.write(">a\nAACCgtN\n>b\nRR\n", to: "a.fa")
        let counts = try LetterCounts(of: [path], by: NucleotideVocabulary(otherLetters: "N").tokenizer())
        #expect(counts.letters.map(\.letter) == ["A", "C", "G", "T", "N"])
        #expect(counts.letters.map(\.count) == [2, 2, 1, 1, 1])
        #expect(counts.unknown == 2 && counts.records == 2 && counts.total == 7)
        let none = try folder.write(">a\nRR\n", to: "b.fa")
        #expect(
            #expect(throws: CorpusError.self) {
                try LetterCounts(of: [none], by: NucleotideVocabulary().tokenizer())
            }?.kind == .noText)
    }
}
