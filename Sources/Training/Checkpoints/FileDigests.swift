import Fingerprints
import Storage
import SystemPackage

/// `SHA256SUMS`: the digest of every file of a folder, as `sha256sum -c SHA256SUMS` checks them.
struct FileDigests {
    static let fileName = "SHA256SUMS"

    private let folder: FilePath
    private let text: String

    /// Reads the files of a folder.
    init(of folder: FilePath) throws {
        self.folder = folder
        text = try Folder(folder).names().filter { $0 != Self.fileName }
            .map { "\(try Fingerprint.hexadecimal(ofFiles: [folder.appending($0)]))  \($0)\n" }.joined()
    }

    func write() throws {
        try DurableFile.write(text, to: folder.appending(Self.fileName))
    }

    /// The fault of a folder that had its digests written; `nil` if each of its files is as it was.
    ///
    /// - Throws: ``FileError`` where the system does not let us read, which does not count as damage.
    static func damage(of folder: FilePath) throws -> String? {
        guard Folder(folder).contains(fileName) else { return "\(fileName) is missing" }
        let lines = String(decoding: try RandomAccessFile.contents(of: folder.appending(fileName)), as: UTF8.self)
            .split(separator: "\n")
        for line in lines {
            let parts = line.split(separator: " ", maxSplits: 1)
            guard parts.count == 2, parts[0].utf8.count == 64, parts[1].first == " " else {
                return "\(fileName) cannot be read"
            }
            let name = String(parts[1].dropFirst())
            guard !name.contains("/"), Folder(folder).contains(name) else { return "\(name) is missing" }
            if try Fingerprint.hexadecimal(ofFiles: [folder.appending(name)]) != parts[0] {
                return "\(name) has changed since it was written (SHA-256)"
            }
        }
        for name in CheckpointStore.requiredFiles where !lines.contains(where: { $0.hasSuffix("  " + name) }) {
            return "\(fileName) does not list \(name)"
        }
        return nil
    }
}
