import CLibrary
import Foundation
package import SystemPackage

/// A new folder of its own, which is removed when the tests end.
package func temporaryFolder() throws -> FilePath {
    _ = removal
    return try newFolder("\(folderOfThisProcess.get())/XXXXXX")
}

/// Holds the folders of all tests in the process.
private let folderOfThisProcess = Result { try newFolder("/tmp/fast-electra-tests-XXXXXX") }

private let removal = atexit {
    if let folder = try? folderOfThisProcess.get() { try? FileManager.default.removeItem(atPath: folder.string) }
}

private func newFolder(_ template: String) throws -> FilePath {
    var template = Array(template.utf8CString)
    let path = template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!).map { String(cString: $0) } }
    guard let path else { throw Errno(rawValue: errno) }
    return FilePath(path)
}
