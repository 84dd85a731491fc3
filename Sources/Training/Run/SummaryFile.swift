import FoundationEssentials
import JSON
import Storage
import SystemPackage

/// How a finished run went.
public protocol RunSummary: Codable {
    /// Updates.
    var steps: Int { get }
}

/// `summary.json`: a ``RunSummary``.
public enum SummaryFile {
    public static let name = "summary.json"

    public static func write(_ summary: some Encodable, to folder: FilePath) throws {
        let encoder = JSONEncoder.ofResults
        encoder.outputFormatting.insert(.prettyPrinted)
        try DurableFile.write(Array(encoder.encode(summary)) + [UInt8(ascii: "\n")], to: folder.appending(name))
    }

    /// `nil` where there is none. One that cannot be read is made of the checkpoint again.
    public static func read<Summary: Decodable>(_ type: Summary.Type, from folder: FilePath) throws -> Summary? {
        guard Folder(folder).contains(name) else { return nil }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try? decoder.decode(type, from: Data(try RandomAccessFile.contents(of: folder.appending(name))))
    }

    /// Of a run that is not finished any more. A power cut does not bring it back.
    static func remove(from folder: FilePath) throws {
        try Folder(folder).removeFile(name)
        try Folder(folder).synchronize()
    }
}
