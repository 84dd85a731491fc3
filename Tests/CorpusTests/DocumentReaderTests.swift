import Corpus
import Storage
import SystemPackage
import Testing

@Suite struct DocumentReaderTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// The documents, put together from their chunks.
    func documents(_ files: [FilePath], chunkSize: Int = 1 << 16) throws -> [[UInt8]] {
        var reader = try DocumentReader(files, chunkSize: chunkSize)
        var documents: [[UInt8]] = []
        while let chunk = try reader.next() {
            #expect(!chunk.bytes.isEmpty && chunk.bytes.count < 3 * chunkSize)
            if chunk.startsDocument {
                documents.append(chunk.bytes)
            } else {
                documents[documents.count - 1] += chunk.bytes
            }
        }
        #expect(reader.bytesRead == reader.totalBytes)
        return documents
    }

    @Test func endsDocumentsAtBlankLinesAndFiles() throws {
        let first = try folder.write("\n \none\ntwo\n\n\t\nthree", to: "first")
        let second = try folder.write("four\r\n\r\nfive\r\n \r\n", to: "second")
        let empty = try folder.write("", to: "empty")
        for chunkSize in [8, 9, 16, 1 << 16] {
            let found = try documents([first, empty, second], chunkSize: chunkSize)
            #expect(
                found.map { String(decoding: $0, as: UTF8.self) } == ["one\ntwo\n", "three", "four\r\n", "five\r\n"])
        }
    }

    @Test func skipsAByteOrderMark() throws {
        let path = try folder.write([0xEF, 0xBB, 0xBF] + Array("one\n".utf8), to: "bom")
        #expect(try documents([path]) == [Array("one\n".utf8)])
        #expect(try documents([folder.write([0xEF, 0xBB, 0xBF], to: "mark")]) == [])
    }

    @Test func numbersLines() throws {
        let path = try folder.write("\none\ntwo\n\n\nthree\n", to: "text")
        var reader = try DocumentReader([path])
        #expect(try reader.next()?.line == 2)
        #expect(try reader.next()?.line == 6)
    }

    /// However small the window, a long line comes whole, and is cut only where words end.
    @Test func cutsLongLinesBetweenWords() throws {
        let line = (0..<400).map { "wörd\($0)" }.joined(separator: " ")
        let path = try folder.write("\(line)\n\nnext\n", to: "long")
        for chunkSize in [16, 17, 31, 64, 1000] {
            #expect(try documents([path], chunkSize: chunkSize) == [Array("\(line)\n".utf8), Array("next\n".utf8)])
            var reader = try DocumentReader([path], chunkSize: chunkSize)
            var chunks: [DocumentChunk] = []
            while let chunk = try reader.next() { chunks.append(chunk) }
            for chunk in chunks {
                #expect(chunk.startsDocument || chunk.bytes.first == UInt8(ascii: " "), "the space goes with its word")
            }
            #expect(reader.counts.invalidLines.count == 0)
        }
    }

    @Test func cutsWordlessLinesBetweenCharacters() throws {
        let line = String(repeating: "船は七時に島を出る𠀀é", count: 40)
        let path = try folder.write(line, to: "wordless")
        for chunkSize in 8...20 {
            #expect(try documents([path], chunkSize: chunkSize) == [Array(line.utf8)])
            var reader = try DocumentReader([path], chunkSize: chunkSize)
            while try reader.next() != nil {}
            #expect(reader.counts.invalidLines.count == 0, "no character is cut at \(chunkSize)")
        }
    }

    @Test func tellsWhereTextIsNotUTF8() throws {
        let latin = try folder.write(
            Array("fine\n\ncaf".utf8) + [0xE9, 0x0A] + Array("fine\nna".utf8) + [0xEF, 0x76, 0x65], to: "latin")
        var reader = try DocumentReader([latin])
        while try reader.next() != nil {}
        #expect(reader.counts.invalidLines.count == 2)
        #expect(reader.counts.invalidLines.first?.file == 0 && reader.counts.invalidLines.first?.line == 3)
        #expect(reader.counts.invalidBytes == 2 && reader.counts.bytes == 20)
    }

    @Test func missesFilesBeforeAnyWork() throws {
        let there = try folder.write("text", to: "there")
        let gone = folder.path.appending("gone")
        let error = #expect(throws: CorpusError.self) { try DocumentReader([there, gone]) }
        #expect(error?.kind == .file)
        #expect(error?.location?.file == gone.string)
        #expect(#expect(throws: CorpusError.self) { try DocumentReader([]) }?.kind == .noFiles)
        #expect(#expect(throws: CorpusError.self) { try DocumentReader([folder.path]) }?.kind == .file)
    }
}
