import Fixtures
import Storage
import SystemPackage
import Testing

@Suite struct FileSnapshotTests {
    private let folder: FilePath
    private let paths: [FilePath]

    init() throws {
        folder = try temporaryFolder()
        paths = [folder.appending("a"), folder.appending("b")]
        for path in paths { try DurableFile.write("text", to: path) }
    }

    @Test func holdsWhileNothingChanges() throws {
        let snapshot = try FileSnapshot(of: paths)
        _ = try RandomAccessFile.contents(of: paths[1])
        try snapshot.check()
    }

    @Test(arguments: ["text", "longer text"])
    func tellsAFileThatWasReplaced(by text: String) throws {
        let snapshot = try FileSnapshot(of: paths)
        try DurableFile.write(text, to: paths[1])
        let error = #expect(throws: FileChanged.self) { try snapshot.check() }
        #expect(error?.path == paths[1] && error?.isGone == false)
    }

    @Test func tellsAFileThatIsGone() throws {
        let snapshot = try FileSnapshot(of: paths)
        try Folder(paths[0]).move(to: folder.appending("elsewhere"))
        let error = #expect(throws: FileChanged.self) { try snapshot.check() }
        #expect(error?.path == paths[0] && error?.isGone == true)
    }

    @Test func needsTheFilesToBeThere() throws {
        let error = #expect(throws: FileError.self) { try FileSnapshot(of: paths + [folder.appending("c")]) }
        #expect(error?.errno == .noSuchFileOrDirectory)
    }

    /// A pipe gives its bytes once, and every pass reads the text again.
    @Test func readsNoDevice() throws {
        let error = #expect(throws: FileError.self) { try RandomAccessFile("/dev/zero") }
        #expect(error?.errno == .illegalSeek)
    }
}
