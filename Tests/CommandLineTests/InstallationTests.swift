import Foundation
import Testing

/// `make install`, in a scratch prefix.
@Suite("Installation") struct InstallationTests {
    private static let script = packageFolder.appendingPathComponent("packaging/install")
    private static let program = Bundle.main.bundleURL.appendingPathComponent("fast-electra").path

    @Test func putsAllInPlaceAndTakesAllAway() throws {
        try withTemporaryFolder { folder in
            let place = folder.appendingPathComponent("usr")
            let environment = ["DESTDIR": folder.path]
            let installation = try run(Self.script, [Self.program, "/usr"], environment: environment)
            try #require(installation.status == 0, "\(installation.errors)")
            let version = try run(place.appendingPathComponent("bin/fast-electra"), ["--version"])
            let expected = try fastElectra("--version").output
            #expect(version.status == 0 && version.output == expected)
            for file in ["zsh/site-functions/_fast-electra", "fish/vendor_completions.d/fast-electra.fish"] {
                let completions = try String(
                    contentsOf: place.appendingPathComponent("share/\(file)"), encoding: .utf8)
                #expect(completions.contains("generate") && completions.contains("least-candidates"), "\(file)")
            }

            // The pages that --help and the man pages refer to.
            let sources = packageFolder.appendingPathComponent("Sources")
            let said = try run(
                URL(fileURLWithPath: "/bin/grep"),
                ["-rhoE", #"docs/[a-z/-]+\.md"#, sources.appendingPathComponent("FastElectra").path])
            let pages = Set(said.output.split(separator: "\n").map(String.init))
            #expect(pages.count >= 3, "\(said.output)")
            for page in pages {
                let file = place.appendingPathComponent("share/doc/fast-electra/\(page)")
                #expect(FileManager.default.fileExists(atPath: file.path), "\(page)")
            }

            let removal = try run(Self.script, ["--remove", "/usr"], environment: environment)
            try #require(removal.status == 0, "\(removal.errors)")
            let left = try #require(FileManager.default.enumerator(at: place, includingPropertiesForKeys: nil))
                .compactMap { $0 as? URL }.filter { !$0.hasDirectoryPath }
            #expect(left.isEmpty, "\(left)")
        }
    }

    /// Types the beginning of a word and asks for the words that may follow.
    @Test(arguments: [
        ("gen", ["generate"]), ("train --batch", ["--batch-size"]),
        ("inspect Benchm", ["Benchmarks"]), ("generate --generator Benchm", ["Benchmarks"]),
        ("train --shards Benchm", ["Benchmarks"]), ("mlm --vocab Benchm", ["Benchmarks"]),
    ])
    func completesInBash(typed: String, offered: [String]) throws {
        try withTemporaryFolder { folder in
            let completions = try fastElectra("--generate-completion-script", "bash").output
            let words = ["fast-electra"] + typed.split(separator: " ").map(String.init)
            let line = words.joined(separator: " ")
            let question = """
                COMP_LINE='\(line)' COMP_POINT=\(line.count) COMP_WORDS=(\(line)) COMP_CWORD=\(words.count - 1)
                _fast-electra fast-electra '\(words[words.count - 1])' '\(words[words.count - 2])'
                printf '%s\\n' "${COMPREPLY[@]}"
                """
            let file = folder.appendingPathComponent("completions")
            try (completions + "\n" + question).write(to: file, atomically: true, encoding: .utf8)
            let answer = try run(URL(fileURLWithPath: "/bin/bash"), [file.path])
            let found = answer.output.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
            #expect(found.filter { !$0.isEmpty } == offered, "\(answer.output)\(answer.errors)")
        }
    }

    /// A page for each subcommand, which names all of its options, and which groff reads without a warning where there is groff.
    @Test func everyOptionIsInItsPage() throws {
        try withTemporaryFolder { folder in
            let manual = packageFolder.appendingPathComponent("packaging/manual")
            let made = try run(manual, [Self.program, folder.path])
            try #require(made.status == 0, "\(made.errors)")
            for subcommand in UsageTests.subcommands {
                let file = folder.appendingPathComponent("fast-electra-\(subcommand).1")
                let page = try String(contentsOf: file, encoding: .utf8).replacingOccurrences(of: "\\-", with: "-")
                let options = try fastElectra(subcommand, "--help").output.matches(of: /\n  (--[a-z0-9-]+)/)
                #expect(options.count >= 3)
                for option in options { #expect(page.contains("\\fB\(option.1)\\fR"), "\(subcommand) \(option.1)") }
                guard FileManager.default.isExecutableFile(atPath: "/usr/bin/groff") else { continue }
                let set = try run(
                    URL(fileURLWithPath: "/usr/bin/groff"), ["-man", "-ww", "-z", "-Tutf8", "-Kutf8", file.path])
                #expect(set.status == 0 && set.errors.isEmpty, "\(set.errors)")
            }
        }
    }

    @Test func aPrefixThatIsNoPathIsRefused() throws {
        let refusal = try run(Self.script, [Self.program, "usr"])
        #expect(refusal.status == 64 && refusal.errors.contains("PREFIX is usr"))
    }
}
