import FoundationEssentials
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
        try check(against: folder)
        if Folder(folder).contains(Self.fileName) { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try DurableFile.write(
            Array(encoder.encode(values)) + [UInt8(ascii: "\n")], to: folder.appending(Self.fileName))
    }

    /// Compares with what `folder` was begun with, if anything was.
    public func check(against folder: FilePath) throws {
        let path = folder.appending(Self.fileName)
        guard Folder(folder).contains(Self.fileName) else { return }
        let before: [String: String]
        do {
            before = try JSONDecoder().decode(
                [String: String].self, from: Data(try RandomAccessFile.contents(of: path)))
        } catch let error as FileError {
            throw error
        } catch {
            throw RunParameterError(.malformed(words(of: error)), path)
        }
        for name in Set(before.keys).union(values.keys).sorted() where before[name] != values[name] {
            throw RunParameterError(
                .changed(name, before: before[name] ?? "unset", now: values[name] ?? "unset"), path)
        }
    }
}

/// A run cannot be continued as asked.
public struct RunParameterError: ExplainedError {
    public enum Kind: Sendable, Hashable {
        case changed(_ name: String, before: String, now: String)
        case malformed(String)
    }

    public let kind: Kind
    public let path: FilePath

    init(_ kind: Kind, _ path: FilePath) {
        self.kind = kind
        self.path = path
    }

    public var blame: Blame {
        switch kind {
        case .changed: .usage
        case .malformed: .data
        }
    }

    public var problem: String {
        switch kind {
        case .changed(let name, let before, let now): "this was begun with \(name) \(before), now it is \(now)"
        case .malformed(let detail): "what this was begun with cannot be read: \(detail)"
        }
    }

    public var location: ErrorLocation? { ErrorLocation(file: path.string) }

    public var remedy: String {
        switch kind {
        case .changed: "Give the former value to continue, or another folder to begin anew"
        case .malformed: "Begin anew in another folder"
        }
    }
}
