import CLibrary
import Storage
import SystemPackage
import Testing

/// The committed golden files.
func golden(_ name: String, from file: String = #filePath) -> FilePath {
    FilePath(file).removingLastComponent().appending("Golden").appending(name)
}

/// A folder of its own for a test, removed with its files afterwards.
final class TemporaryFolder {
    let path: FilePath

    init() throws {
        var template = Array("/tmp/fast-electra-corpus-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!).map { String(cString: $0) } }
        path = FilePath(try #require(made))
    }

    deinit {
        for name in (try? Folder(path).names()) ?? [] { unlink(path.appending(name).string) }
        rmdir(path.string)
    }

    func write(_ bytes: [UInt8], to name: String) throws -> FilePath {
        try DurableFile.write(bytes, to: path.appending(name))
        return path.appending(name)
    }

    func write(_ text: String, to name: String) throws -> FilePath { try write(Array(text.utf8), to: name) }
}
