import CLibrary
package import SystemPackage

/// A new folder of its own.
package func temporaryFolder() throws -> FilePath {
    var template = Array("/tmp/fast-electra-test-XXXXXX".utf8CString)
    let path = template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!).map { String(cString: $0) } }
    guard let path else { throw Errno(rawValue: errno) }
    return FilePath(path)
}
