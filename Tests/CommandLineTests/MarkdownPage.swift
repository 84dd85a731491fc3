import Foundation
import Testing

/// A page of the documentation, and the commands that it shows.
struct MarkdownPage: CustomTestStringConvertible {
    /// Relative to the package's folder.
    let path: String

    var testDescription: String { path }

    func text() throws -> String {
        try String(contentsOf: packageFolder.appendingPathComponent(path), encoding: .utf8)
    }

    /// The lines that are indented by four columns, outside of lists and fences. A line that ends in a backslash goes on in the next.
    func commandLines() throws -> [String] {
        var commands: [String] = []
        var isFenced = false
        var isProse = false
        var goesOn = false
        for line in try text().split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") { isFenced.toggle() }
            let isIndented = line.hasPrefix("    ") && !isFenced && !isProse
            isProse = !line.isEmpty && !isIndented
            guard isIndented else { continue }
            var content = line.trimmingCharacters(in: .whitespaces)
            let continues = content.hasSuffix("\\")
            if continues { content = content.dropLast().trimmingCharacters(in: .whitespaces) }
            if goesOn { commands[commands.count - 1] += " " + content } else { commands.append(content) }
            goesOn = continues
        }
        return commands
    }

    /// Contents of the `code spans`.
    func spans() throws -> [String] {
        try text().matches(of: /`([^`\n]+)`/).map { String($0.1) }
    }

    /// Every page that shows commands of the project. `docs/failures.md` is run by `Tests/Failures/table`.
    static func all() throws -> [MarkdownPage] {
        let pages = try FileManager.default.subpathsOfDirectory(
            atPath: packageFolder.appendingPathComponent("docs").path
        ).filter { $0.hasSuffix(".md") && $0 != "failures.md" }.sorted().map { "docs/\($0)" }
        return (["README.md", "CONTRIBUTING.md", "python/README.md"] + pages).map(MarkdownPage.init)
    }
}
