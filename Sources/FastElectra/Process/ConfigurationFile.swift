import JSON
import Storage
import SystemPackage
import TOMLKit

/// Options of a command that stand in a file: TOML, JSON, or the `run.json` of a run, which repeats it.
///
/// Names are those of the command line without dashes: `batch-size = 32`. A list gives an option several times, true is a flag. A table
/// with the name of a command has that command's options, so that one file serves the whole way.
enum ConfigurationFile {
    /// Those that take one.
    static let commands = ["vocab", "mlm", "generate", "train", "finetune"]

    /// - Throws: ``ConfigurationError``, `FileError`.
    static func options(of path: String, for command: String) throws -> [GivenOption] {
        let file = FilePath(path)
        let bytes = try RandomAccessFile.contents(of: file)
        let contents = try file.extension == "toml" ? tables(of: bytes, path) : json(bytes, path)
        guard let members = contents.members else { throw ConfigurationError(.noOptions, path) }
        if let before = contents[RunParameters.commandName]?.text {
            guard before == command else { throw ConfigurationError(.otherCommand(before: before, now: command), path) }
            guard let words = contents[RunParameters.argumentsName]?.elements?.map(\.text), !words.contains(nil) else {
                throw ConfigurationError(.noArguments, path)
            }
            return GivenOption.groups(of: words.compactMap(\.self))
        }
        // This command's table, and the members outside of all tables that this one lacks.
        let table = contents[command]?.members ?? []
        let outside = members.filter { member in
            member.value.members == nil && !table.contains { $0.name == member.name }
        }
        let own = outside + table
        if let stranger = members.first(where: { $0.value.members != nil && !commands.contains($0.name) }) {
            throw ConfigurationError(.table(stranger.name), path)
        }
        return try own.compactMap { name, value in
            if name == "config" || name.hasPrefix("-") { throw ConfigurationError(.name(name), path) }
            let name = "--" + name
            let words = try words(of: value, name, path)
            return words.isEmpty ? nil : GivenOption(name: name, words: words)
        }
    }

    private static func words(of value: JSONValue, _ name: String, _ path: String) throws -> [String] {
        switch value {
        case .null, .boolean(false): return []
        case .boolean(true): return [name]
        case .array(let elements): return try elements.map { try word(of: $0, name, path) }
        case .number, .string, .object: return [try word(of: value, name, path)]
        }
    }

    private static func word(of value: JSONValue, _ name: String, _ path: String) throws -> String {
        switch value {
        // No argument has a zero byte inside.
        case .number(let text), .string(let text): if !text.contains("\0") { return "\(name)=\(text)" }
        default: break
        }
        throw ConfigurationError(.value(String(name.dropFirst(2))), path)
    }

    private static func json(_ bytes: [UInt8], _ path: String) throws -> JSONValue {
        do {
            // Some editors put a byte order mark before the text.
            return try JSONValue(parsing: bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes)
        } catch {
            throw ConfigurationError(.malformed("byte \(error.offset) is not JSON"), path)
        }
    }

    private static let mostKeyParts = 256

    private static func tables(of bytes: [UInt8], _ path: String) throws -> JSONValue {
        let text = String(decoding: bytes, as: UTF8.self)
        // The library limits how deep values are nested, and not how many parts a key has: it would overflow the stack.
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
        where line.prefix(while: { $0 != "=" }).count(where: { $0 == "." }) > mostKeyParts {
            throw ConfigurationError(.malformed("line \(index + 1): the key has too many parts"), path)
        }
        let table: TOMLTable
        do {
            table = try TOMLTable(string: text)
        } catch let error as TOMLParseError {
            throw ConfigurationError(
                .malformed("line \(error.source.begin.line): \(error.description.printable)"), path)
        }
        do {
            return try JSONValue(parsing: Array(table.convert(to: .json).utf8))
        } catch {
            throw ConfigurationError(.malformed("a number is infinite, not a number, or not decimal"), path)
        }
    }
}

/// A configuration file cannot be used.
struct ConfigurationError: ExplainedError {
    enum Kind {
        case malformed(String)
        case noOptions
        case value(String)
        /// It has dashes in front, or names another such file.
        case name(String)
        /// Its name is not a command's.
        case table(String)
        case otherCommand(before: String, now: String)
        /// The `run.json` of a build that did not keep them.
        case noArguments
    }

    let kind: Kind
    let path: String

    init(_ kind: Kind, _ path: String) {
        self.kind = kind
        self.path = path
    }

    var blame: Blame { .usage }
    var location: ErrorLocation? { ErrorLocation(file: path) }

    var problem: String {
        switch kind {
        case .malformed(let detail): "this file of options cannot be read: \(detail)"
        case .noOptions: "this file of options has a list or a value where options should be"
        case .value(let name): "\(name) is neither a text, a number, true, false nor a list of texts and numbers"
        case .name(let name): "\(name) cannot stand in a file of options"
        case .table(let name): "\(name) has options in it, and it is not the name of a command that takes '--config'"
        case .otherCommand(let before, let now): "this is a run of the command '\(before)', not of '\(now)'"
        case .noArguments: "this run does not tell its command line, because an older version of this program began it"
        }
    }

    var remedy: String {
        switch kind {
        case .malformed: "Write TOML into a file that ends in .toml, and JSON into any other"
        case .name("config"): "Put the options of both files into one"
        case .name: "Write the name without the dashes in front"
        case .noOptions, .value, .table:
            "Write lines such as batch-size = 32, below [\(ConfigurationFile.commands.joined(separator: "], ["))] or above all tables"
        case .otherCommand(let before, _): "Give it to '\(before)'"
        case .noArguments: "Give the options themselves"
        }
    }
}
