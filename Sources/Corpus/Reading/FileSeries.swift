import Storage
import SystemPackage

/// The files of an input one after the other, and how far a reader is among them.
struct FileSeries {
    let files: [FilePath]
    /// Bytes before each file, and of all together.
    private let starts: [UInt64]
    /// The number of files that have been opened. The last of them is being read, or has come to its end.
    private(set) var openedFiles = 0

    /// Opens every file once, so that one that is missing is told before any work is done.
    ///
    /// - Parameter problem: the problem that the error gives where there are no files.
    init(_ files: [FilePath], orElse problem: String) throws(CorpusError) {
        guard !files.isEmpty else {
            throw CorpusError(.noFiles, problem, remedy: "Name at least one file", blame: .usage)
        }
        self.files = files
        var starts: [UInt64] = [0]
        for path in files {
            let size = try CorpusError.rethrowing(RandomAccessFile(path).count)
            starts.append(starts[starts.count - 1] + size)
        }
        self.starts = starts
    }

    /// Bytes of all files together when the series was made.
    var totalBytes: UInt64 { starts[files.count] }

    /// The index of the file that was opened last; -1 before the first.
    var current: Int { openedFiles - 1 }

    /// The file that was opened last. There must be one.
    var currentPath: FilePath { files[current] }

    /// The next file; nil after the last.
    mutating func openNext() -> FilePath? {
        guard openedFiles < files.count else { return nil }
        openedFiles += 1
        return currentPath
    }

    /// Stands where another reader of the same files stood.
    ///
    /// - Returns: the file that it was reading, if it was reading one.
    mutating func goOn(at position: ReadingPosition) throws(CorpusError) -> FilePath? {
        guard 0...files.count ~= position.openedFiles, position.counts.isPlausible else {
            throw CorpusError(
                .unusablePosition, "the place to go on from is in none of the files",
                remedy: "Read the text from its start")
        }
        openedFiles = position.openedFiles
        return openedFiles > 0 && position.isInFile ? currentPath : nil
    }

    /// Bytes read of all files.
    ///
    /// - Parameter bytes: those of the file that was opened last; nil if it has come to its end.
    func bytesRead(ofCurrent bytes: UInt64?) -> UInt64 {
        guard let bytes, openedFiles > 0 else { return starts[openedFiles] }
        return starts[current] + bytes
    }

    /// A line of the file that was opened last.
    func location(line: Int) -> ErrorLocation { ErrorLocation(file: currentPath.string, .line(line)) }
}
