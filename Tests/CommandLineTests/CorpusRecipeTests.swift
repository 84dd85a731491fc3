import Foundation
import Testing

/// `data/fetch-corpus` on text of the user's own; `make demo` shows the downloads.
@Suite("The corpus recipe")
struct CorpusRecipeTests {
    private func prepare(_ corpus: String, in folder: URL) throws -> FinishedProgram {
        try run(
            packageFolder.appendingPathComponent("data/fetch-corpus"), [folder.path], environment: ["CORPUS": corpus])
    }

    private func lines(_ file: URL) throws -> [Substring] {
        String(decoding: try Data(contentsOf: file), as: UTF8.self).split(separator: "\n")
    }

    @Test func holdsOutEveryTwentiethDocumentWhole() throws {
        try withTemporaryFolder { folder in
            let source = folder.appendingPathComponent("source.txt")
            // Document 20 repeats, in other letter case, a line of document 3.
            let documents = (1...40).map { "Document \($0) begins.\n\($0 == 20 ? "third LINE" : "line \($0) of it")" }
            let text = documents.joined(separator: "\n\n") + "\n\nThird, line!\nlast words\n"
            try Data(text.utf8).write(to: source)

            let result = try prepare(source.path, in: folder)
            #expect(result.status == 0, "\(result.errors)")
            let heldOut = try lines(folder.appendingPathComponent("heldout.txt"))
            let train = try lines(folder.appendingPathComponent("train.txt"))
            #expect(heldOut == ["Document 20 begins.", "third LINE", "Document 40 begins.", "line 40 of it"])
            #expect(train.count == 38 * 2 + 1)
            #expect(train.last == "last words")
        }
    }

    @Test func doesNothingTwiceAndMixesNothing() throws {
        try withTemporaryFolder { folder in
            #expect(try prepare("data/sample", in: folder).status == 0)
            let train = folder.appendingPathComponent("train.txt")
            let before = try FileManager.default.attributesOfItem(atPath: train.path)[.systemFileNumber] as? UInt64
            #expect(before != nil)
            #expect(try prepare("data/sample", in: folder).status == 0)
            let after = try FileManager.default.attributesOfItem(atPath: train.path)[.systemFileNumber] as? UInt64
            #expect(before == after)

            let other = try prepare("data/sample/plain.txt", in: folder)
            #expect(other.status == 0, "the same file by another name is the same corpus")
            let foreign = try prepare("data/sample/README.md", in: folder)
            #expect(foreign.status == 64)
            #expect(foreign.errors.contains("holds the text of another corpus"))
        }
    }

    @Test(arguments: [("data/nowhere", 1, "no such file or folder"), ("data/sample/README.md", 65, "at least 20")])
    func saysWhatIsWrong(corpus: String, status: Int32, message: String) throws {
        try withTemporaryFolder { folder in
            let result = try prepare(corpus, in: folder)
            #expect(result.status == status)
            #expect(result.errors.contains(message), "\(result.errors)")
        }
    }

    @Test func refusesCompressedTextAndItsOwnOutput() throws {
        try withTemporaryFolder { folder in
            let corpus = folder.appendingPathComponent("corpus")
            try FileManager.default.createDirectory(at: corpus, withIntermediateDirectories: true)
            let text = Data((1...40).map { "Document \($0).\n\n" }.joined().utf8)
            try text.write(to: corpus.appendingPathComponent("1.txt"))
            let inside = try prepare(corpus.path, in: corpus.appendingPathComponent("work"))
            #expect(inside.status == 64 && inside.errors.contains("Name a folder outside"), "\(inside.errors)")
            for magic: [UInt8] in [[0x1F, 0x8B, 8, 0], [0x28, 0xB5, 0x2F, 0xFD]] {
                try (Data(magic) + text).write(to: corpus.appendingPathComponent("2.txt"))
                let compressed = try prepare(corpus.path, in: folder.appendingPathComponent("work"))
                #expect(compressed.status == 1 && compressed.errors.contains("Decompress it first"))
            }
        }
    }

    /// Somebody's own labels are not written over.
    @Test func keepsLabeledTextOfOnesOwn() throws {
        try withTemporaryFolder { folder in
            let train = folder.appendingPathComponent("sections-train.tsv")
            try Data("law\ta text\n".utf8).write(to: train)
            let result = try run(packageFolder.appendingPathComponent("data/fetch-sections"), [folder.path])
            #expect(result.status == 64 && result.errors.contains("no sections-test.tsv"), "\(result.errors)")
            #expect(try lines(train) == ["law\ta text"])
        }
    }

    /// Updates come on any day: with them, the recipe would give another text tomorrow.
    @Test func takesPackagesOfTheReleaseAndNoUpdates() throws {
        try withTemporaryFolder { folder in
            let programs = packageFolder.appendingPathComponent("Tests/CommandLineTests/Programs").path
            let result = try run(
                packageFolder.appendingPathComponent("data/fetch-sections"), [folder.path],
                environment: ["PATH": "\(programs):\(ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")"])
            #expect(result.status == 0, "\(result.errors)")
            let texts = try ["train", "test"].flatMap { try lines(folder.appendingPathComponent("sections-\($0).tsv")) }
            #expect(texts.count == 40)
            #expect(texts.allSatisfy { $0.contains("-of-bookworm, ") }, "\(texts)")
        }
    }
}
