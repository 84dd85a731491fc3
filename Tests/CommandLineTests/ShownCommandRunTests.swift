import Foundation
import Testing

/// Runs the commands that the pages show, page by page, in a folder that has the files that the page presumes.
/// `Tests/Shown/fast-electra` gives each command less to do and changes nothing else. `TutorialTests` runs docs/tutorial.md.
@Suite("Commands that the pages show, run") struct ShownCommandRunTests {
    /// Commands that something else runs, by their first words.
    static let runElsewhere = [
        "make demo": "by hand, and in CONTRIBUTING's list", "make test": "by .ci/run", "make bench": "by hand",
        "make study": "by hand; its steps by StudyTests", "make install": "InstallationTests",
        "make dist": "make dist dist-test", "tar": "make dist-test", "fast-electra-*/fast-electra": "make dist-test",
        "FAST_ELECTRA_MPI=": "make cluster-test", "mpirun": "make cluster-test", "sbatch": "make cluster-test",
        "array=": "make cluster-test", "export GENERATE=": "make cluster-test", "export TRAIN=": "make cluster-test",
        "python python/examples/track_run.py": "make python-test", "swift build": "make build",
    ]

    private static let pages = [
        "README.md", "docs/clusters.md", "docs/finetune.md", "docs/input.md", "docs/inspect.md", "docs/install.md",
        "docs/nucleotides.md", "docs/performance.md", "docs/report.md", "docs/runs.md", "docs/study.md",
    ]

    @Test func run() throws {
        try withTemporaryFolder { folder in
            let prepared = folder.appendingPathComponent("prepared")
            try FileManager.default.createDirectory(at: prepared, withIntermediateDirectories: true)
            try Self.prepare(in: prepared)
            for page in Self.pages {
                let lines = try MarkdownPage(path: page).commandLines().filter(Self.isRunHere)
                if lines.isEmpty { continue }
                let copy = folder.appendingPathComponent(page.replacingOccurrences(of: "/", with: "-"))
                try FileManager.default.copyItem(at: prepared, to: copy)
                let finished = try Self.bash(lines, in: copy)
                #expect(finished.status == 0, "\(page): \(finished.errors.suffix(3000))")
            }
        }
    }

    /// No page shows a command that neither this test nor another one runs.
    @Test func allAreRunSomewhere() throws {
        var count = 0
        for page in try MarkdownPage.all() where page.path != "docs/tutorial.md" && page.path != "python/README.md" {
            for line in try page.commandLines() where Self.isRunHere(line) {
                #expect(Self.pages.contains(page.path), "\(page.path): \(line)")
                count += 1
            }
            for line in try page.commandLines() where !Self.isRunHere(line) && line.contains(Self.program) {
                #expect(Self.runElsewhere.keys.contains(where: line.hasPrefix), "\(page.path): \(line)")
            }
        }
        #expect(count >= 30)
    }

    /// A line that begins a program of ours or a target of make.
    nonisolated(unsafe) private static let program = /^(?:make|data\/|python|mpirun|sbatch|tar)\b|fast-electra\b/

    private static func isRunHere(_ line: String) -> Bool {
        !runElsewhere.keys.contains { line.hasPrefix($0) }
            && (ShownCommandTests.arguments(line) != nil || line.hasPrefix("data/") || line.hasPrefix("source "))
    }

    private static func bash(_ lines: [String], in folder: URL) throws -> FinishedProgram {
        try lines.joined(separator: "\n").write(
            to: folder.appendingPathComponent("lines"), atomically: true, encoding: .utf8)
        let environment = ProcessInfo.processInfo.environment
        let shown = packageFolder.appendingPathComponent("Tests/Shown").path
        return try CommandLineTests.run(
            URL(fileURLWithPath: "/bin/bash"), ["-euxo", "pipefail", "lines"], in: folder,
            environment: [
                "PATH": shown + ":" + (environment["PATH"] ?? "/usr/bin:/bin"), "HOME": folder.path,
                "PROGRAM": Bundle.main.bundleURL.appendingPathComponent("fast-electra").path,
            ])
    }

    /// Text, a generator, shards, runs and examples under the names that the pages give them.
    private static func prepare(in folder: URL) throws {
        func write(_ content: some StringProtocol, _ path: String) throws {
            let file = folder.appendingPathComponent(path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try String(content).write(to: file, atomically: true, encoding: .utf8)
        }
        let text = try String(contentsOfFile: Workshop.text, encoding: .utf8)
        let paragraphs = text.split(separator: "\n").filter { $0.count > 80 }
        try #require(paragraphs.count >= 40)
        for path in ["corpus/one.txt", "corpus/two.txt", "corpus.txt", "english/one.txt", "german.txt"] {
            try write(text, path)
        }
        for (path, chosen) in [("train.tsv", paragraphs[0..<20]), ("test.tsv", paragraphs[20..<40])] {
            try write(
                chosen.enumerated().map { "\($0 % 2 == 0 ? "even" : "odd")\t\($1)\n" }.joined(), path)
        }
        try write(paragraphs.prefix(20).map { "\($0)\t\($0)\n" }.joined(), "translations.tsv")
        try write(#"{"sentence_good": "The cats sleep.", "sentence_bad": "The cats sleeps."}"# + "\n", "blimp/a.jsonl")
        // `data/fetch-genome` finds its genome in place.
        let letters = (0..<4_000).map { String("ACGT"[String.Index(utf16Offset: $0 * $0 / 7 % 4, in: "ACGT")]) }
        for name in ["train", "heldout"] { try write(">record\n" + letters.joined() + "\n", "genome/\(name).fa") }
        try write("H.Pylori/references/G27\n", "genome/genome")
        for name in [".zfunc", ".config/fish/completions"] { try write("", name + "/.keep") }
        try ids().write(to: folder.appendingPathComponent("tokens.npy"))
        try FileManager.default.createSymbolicLink(
            at: folder.appendingPathComponent("data"), withDestinationURL: packageFolder.appendingPathComponent("data"))
        try write("", "prepared")
        let finished = try bash(
            [
                "fast-electra vocab --text corpus.txt --size 600 --out vocabulary",
                "fast-electra mlm --text corpus.txt --vocab vocabulary --preset tiny --out generator",
                "fast-electra generate --generator generator --text corpus.txt --out shards",
                "for name in others news law; do",
                "    fast-electra generate --generator generator --text corpus.txt --seed ${#name} --out $name",
                "done",
                "fast-electra train --shards shards --preset tiny --out run",
                "fast-electra train --shards shards --preset tiny --seed 2 --out other",
            ], in: folder)
        try #require(finished.status == 0, "\(finished.errors.suffix(3000))")
        try write("vocabulary\ngenerator\nshards\nrun\nother\n", "prepared")
    }

    /// Four documents of twenty tokens, as NumPy writes them.
    private static func ids() -> Data {
        let header = "{'descr': '<i4', 'fortran_order': False, 'shape': (4, 20), }"
        let padded = header + String(repeating: " ", count: 117 - header.count) + "\n"
        let ids = (0..<80).flatMap { id in withUnsafeBytes(of: Int32(10 + id).littleEndian, Array.init) }
        return Data([0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(padded.utf8.count), 0]) + Data(padded.utf8) + Data(ids)
    }
}
