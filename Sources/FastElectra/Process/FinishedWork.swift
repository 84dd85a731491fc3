import FoundationEssentials
import Storage
import SystemPackage

/// What a command was asked for and what it found out, kept beside what it wrote: the same command run again says so
/// instead of doing it again, and a changed parameter is named.
///
/// It is written last, so where it is, all else is. For commands whose output cannot tell this itself.
struct FinishedWork<Result: Codable> {
    private let file: FilePath
    private let parameters: [String: String]

    private struct Contents: Codable {
        var parameters: [String: String]
        var result: Result
    }

    /// - Parameter parameters: by the name of the option, those that the result depends on.
    init(of command: String, in folder: FilePath, parameters: [String: String]) {
        file = folder.appending("\(command).result.json")
        self.parameters = parameters
    }

    /// The result of the same work done before, or nil where it is still to be done.
    func earlierResult() throws -> Result? {
        guard let contents = try earlierContents() else { return nil }
        for name in Set(contents.parameters.keys).union(parameters.keys).sorted() {
            let earlier = contents.parameters[name] ?? "not given"
            let now = parameters[name] ?? "not given"
            if earlier != now { throw WorkError(.changed(name, from: earlier, to: now), file) }
        }
        return contents.result
    }

    private func earlierContents() throws -> Contents? {
        guard let bytes = try bytesIfPresent() else { return nil }
        do {
            return try JSONDecoder().decode(Contents.self, from: Data(bytes))
        } catch {
            throw WorkError(.unreadable, file)
        }
    }

    private func bytesIfPresent() throws(FileError) -> [UInt8]? {
        do {
            return try RandomAccessFile.contents(of: file)
        } catch {
            if error.errno == .noSuchFileOrDirectory { return nil }
            throw error
        }
    }

    func write(_ result: Result) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        let contents = try encoder.encode(Contents(parameters: parameters, result: result))
        try DurableFile.write(Array(contents), to: file)
    }
}

/// The output folder holds something else than what was asked for.
struct WorkError: ExplainedError {
    enum Kind: Equatable {
        case changed(String, from: String, to: String)
        case unreadable
    }

    let kind: Kind
    let file: FilePath

    init(_ kind: Kind, _ file: FilePath) {
        self.kind = kind
        self.file = file
    }

    var blame: Blame { kind == .unreadable ? .data : .usage }
    var location: ErrorLocation? { ErrorLocation(file: file.string) }

    var problem: String {
        switch kind {
        case .changed(let name, let earlier, let now):
            "this was made with \(name) \(earlier), and now \(name) is \(now)"
        case .unreadable: "this is not the record of a finished command"
        }
    }

    var remedy: String {
        switch kind {
        case .changed: "Give the same parameters, or another --out"
        case .unreadable: "Remove the file to have the work done again, or name another --out"
        }
    }
}
