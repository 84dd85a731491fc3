package import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A new folder of its own.
package func temporaryFolder() throws -> FilePath {
    var template = Array("/tmp/fast-electra-test-XXXXXX".utf8CString)
    let path = template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!).map { String(cString: $0) } }
    guard let path else { throw Errno(rawValue: errno) }
    return FilePath(path)
}
