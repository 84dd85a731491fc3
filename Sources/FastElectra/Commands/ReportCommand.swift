import ArgumentParser
import Page
import Report
import Storage
import SystemPackage
import Terminal

/// `fast-electra report`: runs side by side.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract:
            "Show runs of train and mlm side by side: figures, curves, and the settings that differ.",
        discussion: """
            A run may be finished, interrupted, or still going on. Its folder is only read. docs/report.md explains the figures \
            and the JSON.
            """)

    @Argument(
        help: ArgumentHelp("Folders that train or mlm wrote.", valueName: "run"), completion: .directory)
    var runs: [FilePath]

    @Option(
        help: ArgumentHelp("Write one page for a browser, with the curves of all runs.", valueName: "file"),
        completion: .file(extensions: ["html"]))
    var html: FilePath?

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if html?.string == "-", output.json { throw ValidationError("'--html -' and '--json' exclude each other.") }
    }

    func run() throws {
        let destination = try html.map { try PageDestination($0, of: ReportPage.kind) }
        let recorded = try runs.map { try RecordedRun($0) }
        guard let html, let destination else { return try output.print(RunReport(recorded)) }
        let page = Array(try ReportPage(recorded).html.utf8)
        try destination.write(page, toStandardOutput: OutputOptions.write)
        // On standard output the page is the result.
        if destination == .standardOutput { return }
        try output.print(
            WrittenPage(page: html.string.printable, bytes: page.count, runs: recorded.map(\.folder.string.printable)))
    }

    private struct WrittenPage: CommandResult {
        let page: String
        let bytes: Int
        let runs: [String]

        var table: Table {
            Table(["page": "\(page), \(Quantity.bytes(bytes))", "shows": runs.joined(separator: ", ")])
        }
    }
}
