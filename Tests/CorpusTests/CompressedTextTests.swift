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
        ("{\"text\": 7}", "text:"), ("{\"txet\": \"a\"}", "there is no \"text\""),
        ("{\"text\": \"a\"", "not valid JSON"),
        ("plain words", "not valid JSON"), ("[\"text\"]", ""), ("{\"text\": \"\u{1}\"}", "not valid JSON"),
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
}
