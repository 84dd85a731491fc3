import FoundationEssentials
import Storage
import SystemPackage

/// A stage's result is not there, or not what the report needs.
struct ResultError: ExplainedError {
    let file: FilePath
    let problem: String

    var blame: Blame { .data }
    var location: ErrorLocation? { ErrorLocation(file: file.string) }
    var remedy: String { "Remove the file and run `make demo` again" }
}

/// The folder that the demo keeps the stages' results in.
struct ResultFolder {
    let path: FilePath

    func read<Result: Decodable>(_ type: Result.Type, from name: String) throws -> Result {
        let file = path.appending(name)
        let bytes = try RandomAccessFile.contents(of: file)
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            return try decoder.decode(type, from: Data(bytes))
        } catch DecodingError.keyNotFound(let key, _) {
            throw ResultError(file: file, problem: "the field '\(key.stringValue)' is missing")
        } catch {
            throw ResultError(file: file, problem: "this is not the JSON object of a \(type)")
        }
    }
}
