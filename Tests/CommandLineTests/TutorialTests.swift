import Foundation
import Testing

@Suite("docs/tutorial.md") struct TutorialTests {
    /// Numbers that the page has and the test makes smaller, so that it takes seconds. All else runs as the page shows it.
    static let smaller = [
        ("--size 4096", "--size 600"),
        ("--steps 4000", "--steps 4"),
        ("--steps 10000", "--steps 4"),
        ("--epochs 10", "--epochs 1"),
        ("--seeds 5", "--seeds 2"),
        // The test's program is built already.
        ("make build", "test -x .build/release/fast-electra"),
    ]

    /// From a folder of text to a classifier, in a folder that has the files of a clone.
    @Test func everyLineRuns() throws {
        let page = MarkdownPage(path: "docs/tutorial.md")
        var lines = try page.commandLines()
        #expect(lines.count >= 12)
        for (shown, run) in Self.smaller {
            #expect(lines.contains { $0.contains(shown) }, "\(shown) is not on the page")
            lines = lines.map { $0.replacingOccurrences(of: shown, with: run) }
        }
        try withTemporaryFolder { folder in
            try Self.makeClone(in: folder)
            try lines.joined(separator: "\n").write(
                to: folder.appendingPathComponent("lines"), atomically: true, encoding: .utf8)
            let finished = try run(
                URL(fileURLWithPath: "/bin/bash"), ["-euxo", "pipefail", "lines"], in: folder)
            try #require(finished.status == 0, "\(finished.errors.suffix(3000))")
            #expect(finished.output.contains("difference"), "\(finished.output.suffix(2000))")
            for file in ["work/shards.html", "work/run/model.safetensors", "work/classifier/model.safetensors"] {
                #expect(FileManager.default.fileExists(atPath: folder.appendingPathComponent(file).path), "\(file)")
            }
        }
    }

    /// The scripts of `data/`, the program, a folder of text, and a task, so that nothing is fetched.
    private static func makeClone(in folder: URL) throws {
        let files = FileManager.default
        for name in [".build", "corpus", "work"] {
            try files.createDirectory(at: folder.appendingPathComponent(name), withIntermediateDirectories: true)
        }
        try files.createSymbolicLink(
            at: folder.appendingPathComponent("data"), withDestinationURL: packageFolder.appendingPathComponent("data"))
        try files.createSymbolicLink(
            at: folder.appendingPathComponent(".build/release"), withDestinationURL: Bundle.main.bundleURL)
        let text = try String(contentsOfFile: Workshop.text, encoding: .utf8)
        try text.write(to: folder.appendingPathComponent("corpus/sample.txt"), atomically: true, encoding: .utf8)
        let paragraphs = text.split(separator: "\n").filter { $0.count > 80 }
        try #require(paragraphs.count >= 40)
        for (name, chosen) in [("train", paragraphs[0..<20]), ("test", paragraphs[20..<40])] {
            let examples = chosen.enumerated().map { "\($0 % 2 == 0 ? "even" : "odd")\t\($1)\n" }
            try examples.joined().write(
                to: folder.appendingPathComponent("work/sections-\(name).tsv"), atomically: true, encoding: .utf8)
        }
    }
}
