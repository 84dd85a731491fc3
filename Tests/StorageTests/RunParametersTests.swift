import Fixtures
import Storage
import SystemPackage
import Testing

@Suite struct RunParametersTests {
    let folder: FilePath
    private let training = RunParameters(["--seed": "1"], command: "train")

    init() throws {
        folder = try temporaryFolder()
    }

    @Test func aFolderOfSomebodyElseIsRefused() throws {
        for name in ["config.json", "model.safetensors", "checkpoint-500", "runs", "README.md"] {
            try DurableFile.write("", to: folder.appending(name))
        }
        for attempt in [training.check(against:), training.bind(to:)] {
            let error = #expect(throws: RunParameterError.self) { try attempt(folder) }
            #expect(error?.blame == .usage)
            #expect(error?.problem.contains("README.md, checkpoint-500, config.json, and 2 more") == true)
        }
        #expect(try Folder(folder).names().count == 5)
    }

    /// Files that file systems put there, and those that a killed process and a claim leave before the folder is bound.
    @Test func aFolderWithoutWorkOfAnybodyIsAccepted() throws {
        for name in [".DS_Store", "run.json.partial", "claim.json"] {
            try DurableFile.write("", to: folder.appending(name))
        }
        try Folder(folder.appending("lost+found")).create()
        try training.bind(to: folder)
        try training.check(against: folder)
        try training.check(against: folder.appending("a folder that is not there"))
    }

    @Test func theFolderOfAnotherCommandIsRefusedByItsName() throws {
        try RunParameters(["--passes": "2"], command: "generate").bind(to: folder)
        let error = #expect(throws: RunParameterError.self) { try training.bind(to: folder) }
        #expect(error?.kind == .otherCommand(before: "generate", now: "train"))
        #expect(error?.description.contains("--") == false, "options of another command mean nothing here")
    }

    @Test func theFolderOfAnOlderBuildIsRefusedAsThat() throws {
        try RunParameters(["--seed": "1"]).bind(to: folder)
        let error = #expect(throws: RunParameterError.self) { try training.bind(to: folder) }
        #expect(error?.kind == .olderBuild)
    }

    @Test func aChangedValueIsNamed() throws {
        try training.bind(to: folder)
        let error = #expect(throws: RunParameterError.self) {
            try RunParameters(["--seed": "2"], command: "train").bind(to: folder)
        }
        #expect(error?.kind == .changed([.init("--seed", before: "1", now: "2")]))
        #expect(error?.problem == "this was begun with --seed 1, now it is 2")
        #expect(error?.remedy == "To continue, give the former value. To begin anew, name another folder")
    }

    /// One of them may be the cause of the others, as a preset is of the batch size.
    @Test func allChangedValuesAreNamed() throws {
        try RunParameters(["--batch-size": "32", "--preset": "tiny", "--cased": "true"], command: "train")
            .bind(to: folder)
        let error = #expect(throws: RunParameterError.self) {
            try RunParameters(["--batch-size": "128", "--preset": "small", "--focal": "1"], command: "train")
                .bind(to: folder)
        }
        #expect(
            error?.problem == "this was begun with --batch-size 32, now it is 128; with --cased, now there is none; "
                + "without --focal, now it is 1; with --preset tiny, now it is small")
        #expect(
            error?.remedy == "To continue, give the same arguments as then. To begin anew, name another folder")
    }

    @Test func aFlagThatWasNotGivenIsFalse() throws {
        try RunParameters(["--seed": "1"], command: "vocab").bind(to: folder)
        try RunParameters(["--seed": "1", "--cased": "false"], command: "vocab").check(against: folder)
    }

    @Test(arguments: [
        ("false", "true", "without --cased, now it is given", "leave out --cased"),
        ("true", "false", "with --cased, now it is left out", "give --cased"),
    ])
    func aFlagHasNoValueThatCanBeGiven(before: String, now: String, problem: String, remedy: String) throws {
        try RunParameters(["--cased": before], command: "vocab").bind(to: folder)
        let error = #expect(throws: RunParameterError.self) {
            try RunParameters(["--cased": now], command: "vocab").bind(to: folder)
        }
        #expect(error?.problem == "this was begun " + problem)
        #expect(error?.remedy.hasPrefix("To continue, \(remedy). ") == true)
    }
}
