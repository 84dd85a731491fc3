import Corpus
import Storage
import SystemPackage
import Testing

/// Compressed text, and JSON lines.
@Suite struct CompressedTextTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    func text(_ path: FilePath, chunkSize: Int = 1 << 16) throws -> [UInt8] {
        var reader = try DocumentReader([path], chunkSize: chunkSize)
        var bytes: [UInt8] = []
        while let chunk = try reader.next() {
            if chunk.startsDocument, !bytes.isEmpty { bytes.append(UInt8(ascii: "\n")) }
            bytes += chunk.bytes
            #expect(reader.bytesRead <= reader.totalBytes)
        }
        #expect(reader.bytesRead == reader.totalBytes)
        return bytes
    }

    /// Both are of several members and frames, empty and skippable ones among them; the name does not count.
    @Test(arguments: ["sample.txt.gz", "sample.txt.zst"])
    func readsWhatTheyHold(name: String) throws {
        let plain = try text(golden("sample.txt"))
        #expect(plain.count > 3000)
        let renamed = try folder.write(RandomAccessFile.contents(of: golden(name)), to: "renamed")
        for chunkSize in [8, 100, 1 << 16] {
            #expect(try text(golden(name), chunkSize: chunkSize) == plain)
            #expect(try text(renamed, chunkSize: chunkSize) == plain)
        }
    }

    /// As text, they would be noise. Each name with the first bytes of a file.
    @Test(
        arguments: [
            ("xz", [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0, 0, 4]), ("bzip2", Array("BZh91AY&SY".utf8) + [1]),
            ("zip", Array("PK".utf8) + [3, 4, 20, 0]), ("7z", [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C, 0]),
            ("lz4", [0x04, 0x22, 0x4D, 0x18, 0x64]), ("UTF-32", [0xFF, 0xFE, 0, 0, 0x61, 0, 0, 0]),
            ("UTF-16", [0xFF, 0xFE, 0x61, 0]),
            ("UTF-16", [0xFE, 0xFF, 0, 0x61]),
        ] as [(String, [UInt8])])
    func refusesOtherEncodings(name: String, start: [UInt8]) throws {
        let path = try folder.write(start + Array("and more text\n".utf8), to: "text")
        let error = #expect(throws: CorpusError.self) { try text(path) }
        #expect(error?.kind == .unknownEncoding(name) && error?.blame == .data)
        #expect(error?.problem.contains(name) == true && error?.location?.file == path.string)
    }

    /// Only the whole of a magic number counts.
    @Test(arguments: ["BZh9 is a name", "PK is one, too", "7z", ""]) func readsTextThatBeginsLikeThem(start: String)
        throws
    {
        let path = try folder.write(Array("\(start)\n".utf8), to: "text")
        #expect(try text(path) == Array((start.isEmpty ? "" : "\(start)\n").utf8))
    }

    @Test(arguments: ["sample.txt.gz", "sample.txt.zst"])
    func refusesWhatIsDamaged(name: String) throws {
        let bytes = try RandomAccessFile.contents(of: golden(name))
        func error(_ bytes: [UInt8]) throws -> CorpusError? {
            let path = try folder.write(bytes, to: "damaged")
            return #expect(throws: CorpusError.self) { try text(path) }
        }
        for count in [bytes.count - 1, bytes.count - 9, bytes.count / 2, 5] {
            let cut = try error(Array(bytes[..<count]))
            #expect(cut?.kind == .damagedCompression)
            #expect(
                cut?.problem.contains("it ends in the middle") == true, "\(count) bytes: \(String(describing: cut))")
            #expect(cut?.location?.spot == .byte(UInt64(count)))
            #expect(cut?.blame == .data)
        }
        var flipped = bytes
        flipped[bytes.count - 6] ^= 1
        let changed = try error(flipped)
        #expect(changed?.kind == .damagedCompression)
        guard case .byte(let offset) = changed?.location?.spot else {
            Issue.record("the place is missing")
            return
        }
        #expect(offset > 0 && offset <= bytes.count)
        #expect(try error(bytes + Array("trailing".utf8))?.kind == .damagedCompression)
    }

    /// tar and tapes fill the last block with zeros; gzip and Python pass over them.
    @Test func passesOverZerosBehindGzip() throws {
        let (bytes, plain) = (
            try RandomAccessFile.contents(of: golden("sample.txt.gz")), try text(golden("sample.txt"))
        )
        for count in [1, 511, 200_000] {
            let zeros = [UInt8](repeating: 0, count: count)
            #expect(try text(folder.write(bytes + zeros, to: "padded.gz")) == plain)
            #expect(try text(folder.write(bytes + zeros + bytes + zeros, to: "padded.gz")) == plain + plain)
            for garbage in [[1], Array("garbage".utf8)] {
                let path = try folder.write(bytes + zeros + garbage, to: "garbage.gz")
                #expect(#expect(throws: CorpusError.self) { try text(path) }?.kind == .damagedCompression)
            }
        }
    }

    /// A frame of one raw block, with a window of 2^(10 + exponent) bytes (RFC 8878, section 3.1.1.1.2).
    private func frame(_ text: String, windowExponent: UInt8) -> [UInt8] {
        let header = text.utf8.count << 3 | 1
        return [0x28, 0xB5, 0x2F, 0xFD, 0, windowExponent << 3]
            + (0..<3).map { UInt8(truncatingIfNeeded: header >> (8 * $0)) } + Array(text.utf8)
    }

    /// `zstd --long=31` writes windows of 2^31 bytes.
    @Test func readsTheLargestWindows() throws {
        for exponent: UInt8 in [10, 17, 18, 21] {
            let path = try folder.write(frame("one\n", windowExponent: exponent), to: "window.zst")
            #expect(try text(path) == Array("one\n".utf8), "2^\(10 + exponent)")
        }
        let path = try folder.write(frame("one\n", windowExponent: 22), to: "window.zst")
        let error = #expect(throws: CorpusError.self) { try text(path) }
        #expect(error?.problem.contains("its window is larger than 2^31 bytes") == true, "\(String(describing: error))")
    }

    @Test func readsDocumentsFromJSONLines() throws {
        let path = try folder.write(
            "\u{FEFF}{\"text\": \"one\\n\\ntwo\", \"id\": 7}\r\n\n{\"text\": \"\"}\n{\"url\": null, \"text\": \"dr\\u00e9i\"}",
            to: "corpus.JSONL")
        var reader = try DocumentReader([path, folder.write("four\n", to: "last.txt")])
        var found: [String] = []
        var lines: [Int] = []
        while let chunk = try reader.next() {
            found.append(String(decoding: chunk.bytes, as: UTF8.self))
            lines.append(chunk.line)
            #expect(chunk.startsDocument)
        }
        #expect(found == ["one\n\ntwo", "dréi", "four\n"])
        #expect(lines == [1, 4, 1])
        // The same by another name is text.
        let text = try folder.write("{\"text\": \"one\"}\n", to: "corpus.txt")
        var plain = try DocumentReader([text])
        #expect(try plain.next()?.bytes == Array("{\"text\": \"one\"}\n".utf8))
    }

    @Test(arguments: [
        ("{\"text\": 7}", "\"text\" is 7, not a string"), ("{\"txet\": \"a\"}", "there is no \"text\""),
        ("{\"text\": \"a\"", "not valid JSON"),
        ("plain words", "not valid JSON"), ("[\"text\"]", "the line is a list, not a JSON object"),
        ("{\"text\": \"\u{1}\"}", "not valid JSON"),
    ])
    func refusesALineThatIsNone(line: String, problem: String) throws {
        let path = try folder.write("{\"text\": \"fine\"}\n\(line)\n", to: "corpus.ndjson")
        var reader = try DocumentReader([path])
        _ = try reader.next()
        let error = #expect(throws: CorpusError.self) { try reader.next() }
        #expect(error?.kind == .malformedLine)
        #expect(error?.problem.contains(problem) == true, "\(String(describing: error))")
        #expect(error?.location == ErrorLocation(file: path.string, .line(2)))
    }

    /// As Python writes text that it read with `surrogateescape`, and cuts off in the middle of a pair.
    @Test func replacesLoneSurrogates() throws {
        let path = try folder.write(
            #"""
            {"text": "fine \ud83d\ude00 \\ud83d"}
            {"text": "\uD83D \udE00 \ud83d\ud83d\ude00 \ud83dA \u00e9"}
            {"text": "cut\ud83d", "\udc00": "\udc01"}
            """#, to: "surrogates.jsonl")
        var reader = try DocumentReader([path])
        var found: [String] = []
        while let chunk = try reader.next() { found.append(String(decoding: chunk.bytes, as: UTF8.self)) }
        #expect(
            found == [
                "fine \u{1F600} \\ud83d", "\u{FFFD} \u{FFFD} \u{FFFD}\u{1F600} \u{FFFD}A \u{E9}", "cut\u{FFFD}",
            ])
        #expect(reader.counts.loneSurrogates.count == 7)
        #expect(reader.counts.loneSurrogates.first == TextCounts.Place(file: 0, line: 2))
    }

    @Test func replacesBytesThatAreNotUTF8InJSON() throws {
        let line = Array("{\"text\": \"caf".utf8) + [0xE9, 0x20, 0xED, 0xA0, 0x80] + Array("\"}\n".utf8)
        let path = try folder.write(Array("{\"text\": \"fine\"}\n".utf8) + line, to: "latin.jsonl")
        var reader = try DocumentReader([path])
        _ = try reader.next()
        let chunk = try #require(try reader.next())
        #expect(String(decoding: chunk.bytes, as: UTF8.self) == "caf\u{FFFD} \u{FFFD}\u{FFFD}\u{FFFD}")
        #expect(reader.counts.invalidBytes == 4 && reader.counts.invalidLines.count == 1)
        #expect(reader.counts.invalidLines.first == TextCounts.Place(file: 0, line: 2))
    }

    @Test func leavesBadLinesOut() throws {
        let path = try folder.write(
            "{\"text\": \"one\"}\n{\n\n[]\n{\"txt\": 1}\n{\"text\": \"two\"}\n{\"text\": 2}", to: "bad.jsonl")
        var reader = try DocumentReader([golden("sample.txt"), path], badLines: .skip)
        var found: [String] = []
        while let chunk = try reader.next() {
            if chunk.file == path { found.append(String(decoding: chunk.bytes, as: UTF8.self)) }
        }
        #expect(found == ["one", "two"])
        #expect(reader.counts.skippedLines.count == 4)
        #expect(reader.counts.skippedLines.first == TextCounts.Place(file: 1, line: 2))
    }
}
