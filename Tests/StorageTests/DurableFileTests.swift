import Fixtures
import Storage
import SystemPackage
import Testing

@Suite struct DurableFileTests {
    let folder: FilePath

    init() throws {
        folder = try temporaryFolder()
    }

    @Test func replacesOnlyAtCommit() throws {
        let path = folder.appending("a.txt")
        try DurableFile.write("old", to: path)
        do {
            var file = try DurableFile(replacing: path)
            try file.write("half of the n")
            #expect(try RandomAccessFile.contents(of: path) == Array("old".utf8))
        }
        #expect(try Folder(folder).names() == ["a.txt"], "a dropped file removes its temporary")
        try DurableFile.write("new", to: path)
        #expect(try RandomAccessFile.contents(of: path) == Array("new".utf8))
    }

    @Test func goesOnWithWhatWasLeft() throws {
        let path = folder.appending("c")
        for (length, text) in [(0, "abcdef"), (4, "XY"), (5, "Z")] {
            var file = try DurableFile(continuing: path, after: UInt64(length))
            try file.write(text)
            #expect(file.bytesWritten == UInt64(length + text.utf8.count))
        }
        #expect(try Folder(folder).names() == ["c.partial"], "it stays for the next one")
        let file = try DurableFile(continuing: path, after: 6)
        try file.commit()
        #expect(try Folder(folder).names() == ["c"])
        #expect(try RandomAccessFile.contents(of: path) == Array("abcdXZ".utf8))
    }

    @Test func readsAtAnyOffset() throws {
        let path = folder.appending("b")
        try DurableFile.write([1, 2, 3, 4, 5], to: path)
        let file = try RandomAccessFile(path)
        #expect(try file.read(at: 3, count: 10) == [4, 5])
        #expect(try file.read(at: 9, count: 1) == [])
        #expect(try file.read(at: .max, count: 1) == [])
    }

    @Test func saysWhatFailedAndWhere() throws {
        let error = #expect(throws: FileError.self) { try RandomAccessFile(folder.appending("missing")) }
        #expect(error?.operation == .open)
        #expect(error?.errno == .noSuchFileOrDirectory)
        #expect(error?.description.contains("missing") == true)
        #expect(throws: FileError.self) { try RandomAccessFile(folder) }
        #expect(throws: FileError.self) { try Folder(folder.appending("x").appending("y")).names() }
    }
}
