import Foundation
import Testing

/// Everything that the pages show can be typed: commands, options, targets of make, and links.
@Suite("Commands that the pages show") struct ShownCommandTests {
    /// Options of other programs that the pages name alone: GNU parallel, mpirun, `python/examples/track_run.py`.
    static let foreignOptions: Set = ["sshloginfile", "map-by", "follow"]

    /// The program itself parses each command, in an empty folder. It misses its files there, but shows its usage only if it does not
    /// understand the command line.
    @Test func parse() throws {
        var count = 0
        for page in try MarkdownPage.all() {
            for arguments in try page.commandLines().compactMap(Self.arguments) {
                try withTemporaryFolder { folder in
                    let finished = try fastElectra(arguments, in: folder)
                    #expect(!Self.isMisunderstood(finished), "\(page.path): \(arguments): \(finished.errors)")
                }
                count += 1
            }
        }
        #expect(count > 30)
    }

    @Test func aMisspelledOptionIsNoticed() throws {
        let line = "mpirun -n 4 fast-electra train --shards shards --preset small --otu run   # a comment"
        let arguments = try #require(Self.arguments(line))
        #expect(arguments == ["train", "--shards", "shards", "--preset", "small", "--otu", "run"])
        #expect(Self.isMisunderstood(try fastElectra(arguments)))
    }

    private static func isMisunderstood(_ finished: FinishedProgram) -> Bool {
        finished.status == 64 && finished.errors.contains("\nUsage: fast-electra")
    }

    @Test func optionsExist() throws {
        let help = try fastElectra("--experimental-dump-help").output
        let names = Set(help.matches(of: /"name"\s*:\s*"([a-z0-9-]+)"/).map { String($0.1) })
        try #require(names.count > 50)
        for page in try MarkdownPage.all() where page.path != "python/README.md" {
            // A span that begins with a program's name is that program's, as `mpirun --bind-to none`.
            for span in try page.spans() where !span.contains(/^(?!fast-electra|make)[\w\/.]+ +--/) || Self.isOurs(span)
            {
                for option in span.matches(of: /(?:^|[^\w-])--([a-z][a-z0-9-]+)/).map({ String($0.1) }) {
                    #expect(
                        names.contains(option) || Self.foreignOptions.contains(option), "\(page.path): --\(option)")
                }
            }
        }
    }

    @Test func targetsOfMakeExist() throws {
        let makefile = try MarkdownPage(path: "Makefile").text()
        let targets = Set(makefile.matches(of: /(?m)^([a-z][a-z-]*):/).map { String($0.1) })
        var count = 0
        for page in try MarkdownPage.all() {
            for line in try page.commandLines() + page.spans() where line.hasPrefix("make ") {
                for word in line.prefix(while: { !"#;:".contains($0) }).split(separator: " ").dropFirst() {
                    if let name = word.firstMatch(of: /^([A-Z_]+)=/) {
                        #expect(makefile.contains(name.1), "\(page.path): \(line)")
                    } else if word.wholeMatch(of: /[a-z-]+/) != nil {
                        #expect(targets.contains(String(word)), "\(page.path): make \(word)")
                        count += 1
                    }
                }
            }
        }
        #expect(count > 30)
    }

    @Test func linksLead() throws {
        for page in try MarkdownPage.all() {
            let folder = packageFolder.appendingPathComponent(page.path).deletingLastPathComponent()
            for link in try page.text().matches(of: /\]\(([^)#\s:]+)(#[^)]*)?\)/) {
                let target = folder.appendingPathComponent(String(link.1)).path
                #expect(FileManager.default.fileExists(atPath: target), "\(page.path): \(link.1)")
            }
        }
    }

    /// The arguments of the command that a line shows, if it shows one of the program.
    static func arguments(_ line: String) -> [String]? {
        guard let start = line.firstMatch(of: /(?:^|[\s"\/])fast-electra +(?=[a-z-])/) else { return nil }
        let command = line[start.range.upperBound...].replacing(/\s+#.*|\s*>.*|"$/, with: "")
        // GNU parallel puts a number for {}.
        let words = command.replacing("{}", with: "1").split(separator: " ").map(String.init)
        // Another program's arguments, as in `swift build --product fast-electra`.
        return words.isEmpty ? nil : words
    }

    private static func isOurs(_ span: String) -> Bool {
        UsageTests.subcommands.contains { span.hasPrefix("\($0) ") }
    }
}
