import ArgumentParser
import Foundation
import Study
import SystemPackage

/// `study report`: the tables, to standard output or into a page.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Make the tables from a results file.")

    @Option(help: "How large the study was.")
    var size: StudySize

    @Option(help: "The results file.")
    var results: String

    @Option(
        help: "A page whose tables between the marks of the results file are made anew; standard output if left out.")
    var page: String?

    func run() throws {
        let results = try ResultsFile(FilePath(results)).restricted(to: StudyPlan(size))
        let report = StudyReport(StudyTable(size, results))
        guard let page else {
            print(report.markdown, terminator: "")
            return
        }
        guard let text = report.page(try String(contentsOfFile: page, encoding: .utf8)) else {
            throw ValidationError("\(page) has no marks for the tables of \(results.path.lastComponent?.string ?? "")")
        }
        try text.write(toFile: page, atomically: true, encoding: .utf8)
    }
}
