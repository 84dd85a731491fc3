import CLibrary
import Fixtures
import Storage
import SystemPackage
import Testing

@Suite struct FolderTests {
    /// Each new folder is an entry of the one above it, which a power cut may undo until that one is synchronized.
    @Test func synchronizesTheParentsOfNewFolders() throws {
        let root = try temporaryFolder()
        var synchronized: [FilePath] = []
        let folder = Folder(root.appending("a").appending("b"))
        try folder.create { synchronized.append($0.path) }
        #expect(synchronized == [root, root.appending("a")])
        synchronized = []
        try folder.create { synchronized.append($0.path) }
        #expect(synchronized == [], "nothing is new")
    }

    /// Text in a folder of somebody else's run is text.
    @Test func passesOverFoldersOfThisProgramAlone() throws {
        let root = try temporaryFolder()
        for (name, parameters) in [
            ("ours", #"{"command": "mlm", "arguments": ["--steps", "5"]}"#), ("theirs", #"{"command_line": "x"}"#),
            ("others", #"{"steps": 5}"#),
        ] {
            try Folder(root.appending(name)).create()
            try DurableFile.write(parameters, to: root.appending(name).appending("run.json"))
            try DurableFile.write("text", to: root.appending(name).appending("a.txt"))
        }
        let files = try Folder(root).files { $0.extension == "txt" }
        #expect(files == [root.appending("others").appending("a.txt"), root.appending("theirs").appending("a.txt")])
    }

    /// Paths are text here: with U+FFFD in the place of bytes, it would lead to another file, or be left out.
    @Test(arguments: [false, true]) func refusesANameThatIsNotText(isFolder: Bool) throws {
        let root = try temporaryFolder()
        let name = (root.string + "/caf").utf8CString.dropLast() + [CChar(bitPattern: 0xE9)]
        if isFolder {
            try #require(mkdir(Array(name + [0]), 0o755) == 0)
        }
        let file = name + (isFolder ? "/a.txt" : ".txt").utf8CString
        #expect(try Folder(root).files { $0.extension == "txt" } == [], "nothing in it is wanted")
        let descriptor = open(Array(file), O_CREAT | O_WRONLY | O_CLOEXEC, 0o644)
        try #require(descriptor >= 0)
        close(descriptor)
        let error = #expect(throws: FileError.self) { try Folder(root).files { $0.extension == "txt" } }
        #expect(error?.errno == .illegalByteSequence)
        #expect(error?.problem == "its name is not UTF-8" && error?.remedy == "Rename it")
        #expect(try Folder(root).names() == [isFolder ? "caf\u{FFFD}" : "caf\u{FFFD}.txt"])
    }

    @Test func copiesBytesAndLeavesTheSourceAlone() throws {
        let root = try temporaryFolder()
        let (source, copies) = (root.appending("file"), Folder(root.appending("copies")))
        try copies.create()
        for size in [0, 1, (1 << 22) + 3] {
            let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            try DurableFile.write(bytes, to: source)
            try copies.copy(source)
            #expect(try RandomAccessFile.contents(of: copies.path.appending("file")) == bytes)
            #expect(try RandomAccessFile.contents(of: source) == bytes)
        }
        #expect(try copies.names() == ["file"])
    }

    @Test func aParentThatCannotBeReadIsNoObstacle() throws {
        let folder = Folder(try temporaryFolder().appending("a"))
        try folder.create { folder throws(FileError) in throw FileError(.open, folder.path, .permissionDenied) }
        #expect(folder.exists)
        let other = Folder(folder.path.appending("b"))
        #expect(throws: FileError.self) {
            try other.create { folder throws(FileError) in throw FileError(.synchronize, folder.path, .ioError) }
        }
    }

    /// A checkpoint may have been moved to another disk and linked: the folder that it leads to stays.
    @Test func removesLinksAndNotWhereTheyLead() throws {
        let root = try temporaryFolder()
        let (kept, folder, link) = (root.appending("kept"), root.appending("folder"), root.appending("link"))
        try Folder(kept).create()
        try DurableFile.write("text", to: kept.appending("file"))
        try Folder(folder.appending("below")).create()
        try DurableFile.write("text", to: folder.appending("below").appending("file"))
        for name in [link, folder.appending("link"), folder.appending("below").appending("link")] {
            try #require(symlink(kept.string, name.string) == 0)
        }
        try Folder(link).remove()
        try Folder(folder).remove()
        try Folder(root.appending("none")).remove()
        #expect(try Folder(root).names() == ["kept"])
        #expect(try Folder(kept).names() == ["file"])
    }
}
