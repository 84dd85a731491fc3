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
        #expect(error?.kind == .changed("--seed", before: "1", now: "2"))
    }
}
