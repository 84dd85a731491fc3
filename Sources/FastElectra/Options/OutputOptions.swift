import ArgumentParser
import FoundationEssentials
import Storage
import SystemPackage
import Terminal

/// What a command found out or made, for people and for machines.
///
/// Machines get every property as JSON, with its name in snake case; people get the table.
protocol CommandResult: Encodable {
    /// What people read above the table.
    var heading: String { get }
    var table: Table { get }
}

extension CommandResult {
    var heading: String { "" }
}

/// How results are printed.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print the result as one JSON object.")
    var json = false

    /// Prints `result` to standard output.
    func print(_ result: some CommandResult) throws {
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            encoder.keyEncodingStrategy = .convertToSnakeCase
            let text = String(decoding: try encoder.encode(result), as: UTF8.self)
            try write(text + "\n")
        } else {
            try write(result.heading + result.table.description)
        }
    }

    private func write(_ text: String) throws {
        let code = TerminalDevice.standardOutput.write(text)
        if code != 0 { throw FileError(.write, "standard output", Errno(rawValue: code)) }
    }
}
