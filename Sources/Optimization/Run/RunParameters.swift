import FoundationEssentials
import Storage
import SystemPackage

/// What a run was asked to do, as far as it decides the result: a run continued with other values is refused.
public struct RunParameters: Sendable, Hashable {
    public static let fileName = "run.json"

    /// Values by the names that the person knows them under.
    public var values: [String: String]

    public init(_ values: [String: String]) {
        self.values = values
    }

    /// Compares with what `folder` was begun with, or writes it down where nothing was.
    public func bind(to folder: FilePath) throws {
        let path = folder.appending(Self.fileName)
        guard Folder(folder).contains(Self.fileName) else {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return try DurableFile.write(Array(encoder.encode(values)) + [UInt8(ascii: "\n")], to: path)
        }
        let before: [String: String]
        do {
            before = try JSONDecoder().decode(
                [String: String].self, from: Data(try RandomAccessFile.contents(of: path)))
        } catch let error as FileError {
            throw error
        } catch {
            throw TrainingError(.malformedState("\(error)"), path)
        }
        for name in Set(before.keys).union(values.keys).sorted() where before[name] != values[name] {
            throw TrainingError(
                .changedParameter(name, before: before[name] ?? "unset", now: values[name] ?? "unset"), path)
        }
    }
}
