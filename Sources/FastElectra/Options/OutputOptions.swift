import ArgumentParser
import FoundationEssentials
import JSON
import Storage
import SystemPackage
import Terminal

/// The result of a command, for people and for machines.
///
/// Machines get every property as JSON, with its name in snake case; people get the table.
protocol CommandResult: Encodable {
    /// The text above the table, for people.
    var heading: String { get }
    var table: Table { get }
    /// All that people read.
    func text(on canvas: Canvas) -> String
}

extension CommandResult {
    var heading: String { "" }

    func text(on canvas: Canvas) -> String {
        heading + table.text(columns: canvas.columns)
    }

    /// The JSON for machines.
    func json() throws -> String {
        let encoder = JSONEncoder.ofResults
        // A classifier that diverged has no finite loss, and the others of its table are wanted.
        encoder.nonConformingFloatEncodingStrategy = .spelledOut
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}

/// How results are printed.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print the result as one JSON object.")
    var json = false

    /// Prints `result` to standard output.
    func print(_ result: some CommandResult) throws {
        let text = try json ? result.json() + "\n" : result.text(on: TerminalDevice.standardOutput.canvas)
        try Self.write(Array(text.utf8))
    }

    /// Writes UTF-8 to standard output.
    static func write(_ text: [UInt8]) throws {
        let code = TerminalDevice.standardOutput.write(String(decoding: text, as: UTF8.self))
        if code != 0 { throw FileError(.write, "standard output", Errno(rawValue: code)) }
    }
}
