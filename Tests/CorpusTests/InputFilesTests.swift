import Corpus
import Foundation
import Storage
import SystemPackage
import Testing

/// The files that names of files, folders and lists stand for.
@Suite struct InputFilesTests {
    /// A folder with folders in it.
    private func withTree(_ body: (FilePath) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fast-electra-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = [
            "b.txt", "a/z.jsonl.gz", "a/B.TXT", "a/b/c.ndjson.zst", "a.json", "ids.npy", "README.md", "noending",
            ".hidden.txt", ".git/x.txt", "a/.x/y.txt", "a/c.fa.gz", "d.FASTA", "e.fna",
        ]
        for name in files {
            let file = folder.appendingPathComponent(name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data("x".utf8).write(to: file)
        }
        try FileManager.default.createDirectory(
            at: folder.appendingPathComponent("folder.txt"), withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: folder.appendingPathComponent("a/round").path, withDestinationPath: folder.path)
        try FileManager.default.createSymbolicLink(
            atPath: folder.appendingPathComponent("link.txt").path, withDestinationPath: "b.txt")
        try body(FilePath(folder.path))
    }

    /// The files that they are expanded to, as paths within the folder.
    private func files(
        _ names: [FilePath], _ content: InputFiles.Content, in folder: FilePath
    ) throws -> [String] {
        try InputFiles.expand(names, to: content).map { $0.string.replacing(folder.string + "/", with: "") }
    }

    private func expect(_ found: [String], _ expected: [String], _ place: SourceLocation = #_sourceLocation) {
        #expect(found == expected, sourceLocation: place)
    }

    @Test func foldersStandForTheirFiles() throws {
        try withTree { folder in
            expect(
                try files([folder], .text, in: folder),
                [
                    "a.json", "a/B.TXT", "a/b/c.ndjson.zst", "a/c.fa.gz", "a/z.jsonl.gz", "b.txt", "d.FASTA", "e.fna",
                    "link.txt",
                ])
            expect(
                try files([folder], .ids, in: folder),
                ["a.json", "a/B.TXT", "a/b/c.ndjson.zst", "a/z.jsonl.gz", "b.txt", "ids.npy", "link.txt"])
            let named = [folder.appending("noending"), folder.appending("a"), folder.appending("b.txt")]
            expect(
                try files(named, .text, in: folder),
                ["noending", "a/B.TXT", "a/b/c.ndjson.zst", "a/c.fa.gz", "a/z.jsonl.gz", "b.txt"])
        }
    }

    @Test func listsStandForTheirNames() throws {
        try withTree { folder in
            let list = folder.appending("files.list")
            try DurableFile.write("\(folder)/b.txt\r\n\n\(folder)/a/b\n\(folder)/noending", to: list)
            expect(try files([FilePath("@\(list)")], .text, in: folder), ["b.txt", "a/b/c.ndjson.zst", "noending"])
            try DurableFile.write("\u{FEFF}\(folder)/b.txt\n", to: list)
            expect(try files([FilePath("@\(list)")], .text, in: folder), ["b.txt"])
            try DurableFile.write("\n\r\n", to: list)
            let empty = #expect(throws: CorpusError.self) {
                try InputFiles.expand([FilePath("@\(list)")], to: .text)
            }
            #expect(empty?.kind == .noFilesFound && empty?.location?.file == list.string)
        }
    }

    @Test func saysWhatIsNotThere() throws {
        try withTree { folder in
            let empty = #expect(throws: CorpusError.self) {
                try InputFiles.expand([folder.appending("folder.txt")], to: .text)
            }
            #expect(empty?.kind == .noFilesFound)
            #expect(empty?.problem.hasSuffix("ends in .txt, .jsonl, .ndjson, .json, .fa, .fasta or .fna") == true)
            let list = #expect(throws: CorpusError.self) {
                try InputFiles.expand([FilePath("@\(folder)/nowhere")], to: .text)
            }
            #expect(list?.kind == .file && list?.location?.file == "\(folder)/nowhere")
            // A file that is missing is told by whoever opens it.
            expect(try files(["nowhere"], .text, in: folder), ["nowhere"])
        }
    }
}
