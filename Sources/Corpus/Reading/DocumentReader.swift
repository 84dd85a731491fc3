import Storage
import SystemPackage

/// The documents of some UTF-8 text files, in order, in constant memory: a document ends at a blank line or the file's end.
///
/// All files are opened first: one that is missing is known before any work is done. Bytes that are not UTF-8 read as
/// U+FFFD, as the tokeniser has it.
public struct DocumentReader: Sendable {
    private let files: [RandomAccessFile]
    private var lines: LineReader?
    private var nextFile = 0
    private var doneBytes: UInt64 = 0

    /// Bytes of all files.
    public let byteCount: UInt64
    /// Bytes read so far.
    public var bytesRead: UInt64 { doneBytes + (lines?.byteCount ?? 0) }

    /// A line of a document, or its end.
    public enum Element: Sendable, Hashable {
        case line(ArraySlice<UInt8>)
        case documentEnd
    }

    private var isInDocument = false

    public init(_ paths: [FilePath]) throws(CorpusError) {
        if paths.isEmpty {
            throw CorpusError(.noFiles, "no text files are given", remedy: "Name at least one", blame: .usage)
        }
        var files: [RandomAccessFile] = []
        for path in paths {
            files.append(try withFile { () throws(FileError) in try RandomAccessFile(path) })
        }
        self.files = files
        byteCount = files.reduce(0) { $0 + $1.count }
    }

    /// The next line, or the end of the document that the last lines made; `nil` at the end of the last file.
    public mutating func next() throws -> Element? {
        while true {
            guard lines != nil else {
                if nextFile == files.count { return nil }
                lines = LineReader(files[nextFile])
                nextFile += 1
                continue
            }
            if let line = try lines?.next() {
                if !Self.isBlank(line) {
                    isInDocument = true
                    return .line(line)
                }
            } else {
                doneBytes += files[nextFile - 1].count
                lines = nil
            }
            if isInDocument {
                isInDocument = false
                return .documentEnd
            }
        }
    }

    private static func isBlank(_ line: ArraySlice<UInt8>) -> Bool {
        line.allSatisfy { $0 == UInt8(ascii: " ") || (0x09...0x0D).contains($0) }
    }
}
