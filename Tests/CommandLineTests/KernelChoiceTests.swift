import Foundation
import Testing

@Suite("Which kernels the program computes with")
struct KernelChoiceTests {
    private func fastElectra(_ arguments: [String], kernels: String) throws -> FinishedProgram {
        try run(
            Bundle.main.bundleURL.appendingPathComponent("fast-electra"), arguments,
            environment: ["FAST_ELECTRA_KERNELS": kernels])
    }

    /// Weights and shards are the same to the bit, whichever processor made them.
    @Test func allSetsMakeTheSameFiles() throws {
        try withWorkshop { workshop in
            var made: [String: [String: Data]] = [:]
            for set in ["portable", "avx2", "avx512"] {
                guard try fastElectra(["--version"], kernels: set).status == 0 else { continue }
                let commands = [
                    ["mlm", "--text", Workshop.text, "--vocab", workshop.path("vocabulary"), "--preset"]
                        + [workshop.path("preset.json"), "--out", workshop.path("generator"), "--steps", "4"]
                        + ["--batch-size", "4", "--max-length", "32", "--threads", "2"],
                    workshop.generate(into: "shards", passes: 1), workshop.train(into: "run", steps: 20),
                ]
                for name in ["generator", "shards", "run"] where set != "portable" || name == "generator" {
                    try workshop.remove(name)
                }
                for command in commands {
                    let finished = try fastElectra(command, kernels: set)
                    try #require(finished.status == 0, "\(set): \(finished.errors)")
                }
                made[set] = try ["generator", "shards", "run"].reduce(into: [:]) { files, name in
                    for (path, data) in try workshop.files(of: name)
                    where path == "model.safetensors" || path.hasSuffix(".shard") { files["\(name)/\(path)"] = data }
                }
            }
            let expected = try #require(made["portable"])
            #expect(expected.count == 3)
            for (set, files) in made { #expect(files == expected, "\(set)") }
        }
    }

    @Test func aSetThatDoesNotExistIsRefused() throws {
        let refusal = try fastElectra(["verify", "nothing"], kernels: "sse")
        #expect(refusal.status == 64)
        #expect(
            refusal.errors.hasPrefix(
                "fast-electra: error: FAST_ELECTRA_KERNELS is 'sse', which names no set of kernels. Unset"))
    }
}
