import Foundation
import Testing

@Suite("How commands fail")
struct FailureTests {
    @Test func namesAMissingFileInOneLine() throws {
        try withTemporaryFolder { folder in
            let missing = folder.appendingPathComponent("nowhere.txt").path
            let failure = try fastElectra("vocab", "--text", missing, "--out", folder.path)
            #expect(failure.status == 1)
            #expect(failure.output.isEmpty)
            #expect(
                failure.errors
                    == "fast-electra: error: \(missing): cannot open: No such file or directory. Check the path.\n")
        }
    }

    /// The library gives the remedy, the command line adds the option.
    @Test func namesTheOptionThatWritesAMissingManifest() throws {
        try withWorkshop { workshop in
            try workshop.run(workshop.generate(into: "shards", passes: 1))
            try workshop.remove("shards/manifest.json")
            let faulty = try fastElectra("verify", workshop.path("shards"))
            #expect(faulty.status == 65)
            let words = "the manifest is missing. Let `verify --rebuild-manifest` write it anew from the shards."
            #expect(faulty.output.contains(words), "\(faulty.output)")
            #expect(try fastElectra("verify", workshop.path("shards"), "--rebuild-manifest").status == 0)
        }
    }

    @Test func keepsTwoProcessesOffOneFolder() throws {
        try withTemporaryFolder { folder in
            let descriptor = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            #expect(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
            let sample = packageFolder.appendingPathComponent("data/sample/plain.txt").path
            let arguments = ["vocab", "--text", sample, "--size", "500", "--out", folder.path]
            let failure = try fastElectra(arguments)
            #expect(failure.status == 1)
            #expect(failure.errors.contains("another process is working in this folder"), "\(failure.errors)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
            close(descriptor)
            #expect(try fastElectra(arguments).status == 0)
        }
    }

    @Test func refusesAFolderMadeWithOtherParameters() throws {
        try withTemporaryFolder { folder in
            let sample = packageFolder.appendingPathComponent("data/sample/plain.txt")
            let parameters = folder.appendingPathComponent("run.json")
            let arguments = ["vocab", "--text", sample.path, "--out", folder.path, "--size"]

            let first = try fastElectra(arguments + ["500", "--json"])
            #expect(first.status == 0)
            #expect(first.output.contains(#""did_work":true"#) && first.output.contains(#""entries":500"#))
            let again = try fastElectra(arguments + ["500", "--json"])
            #expect(again.status == 0)
            #expect(
                again.output == first.output.replacingOccurrences(of: #""did_work":true"#, with: #""did_work":false"#))

            let changed = try fastElectra(arguments + ["600"])
            #expect(changed.status == 64)
            #expect(changed.errors.contains("begun with --size 500, now it is 600"), "\(changed.errors)")

            try Data("{".utf8).write(to: parameters)
            let unreadable = try fastElectra(arguments + ["500"])
            #expect(unreadable.status == 65)
            #expect(unreadable.errors.contains(parameters.path))
        }
    }
}
