import JSON
import Storage
import SystemPackage

/// What a stage of the demo printed with `--json`, kept in a file. The command says what is in it, and nobody says it again.
struct StageResult {
    private let file: FilePath
    private let json: JSONCursor

    /// - Parameter name: of the stage.
    init(_ name: String, in folder: FilePath) throws {
        file = folder.appending(name + ".json")
        do {
            json = try JSONCursor(reading: try RandomAccessFile.contents(of: file))
        } catch let error as JSONMismatch {
            throw UnusableResult(file: file, problem: error.description)
        }
    }

    private init(_ file: FilePath, _ json: JSONCursor) {
        self.file = file
        self.json = json
    }

    func count(_ name: String) throws -> Int { try read { () throws(JSONMismatch) in try json[name].integer() } }
    func number(_ name: String) throws -> Double { try read { () throws(JSONMismatch) in try json[name].double() } }
    func text(_ name: String) throws -> String { try read { () throws(JSONMismatch) in try json[name].text() } }

    /// `nil` where it is null.
    func optionalNumber(_ name: String) throws -> Double? {
        try read { () throws(JSONMismatch) in try json[name].present?.double() }
    }

    func list(_ name: String) throws -> [StageResult] {
        try read { () throws(JSONMismatch) in try json[name].elements() }.map { StageResult(file, $0) }
    }

    private func read<Value>(_ body: () throws(JSONMismatch) -> Value) throws -> Value {
        do { return try body() } catch { throw UnusableResult(file: file, problem: error.description) }
    }
}

/// A stage's result is not what the report needs.
private struct UnusableResult: ExplainedError {
    let file: FilePath
    let problem: String

    var blame: Blame { .data }
    var location: ErrorLocation? { ErrorLocation(file: file.string) }
    var remedy: String { "Remove the file and run `make demo` again" }
}
