import Foundation
import Testing

/// Crashes under a limit of address space (`ulimit -v`): the messages about them.
@Suite("Under a limit of address space")
struct AddressSpaceTests {
    /// Runs a command under a limit in kB and sends it a signal as soon as it logs steps.
    private func train(_ workshop: Workshop, limit: Int, signal: Int32) throws -> (process: Process, errors: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        let program = Bundle.main.bundleURL.appendingPathComponent("fast-electra").path
        let command = #"ulimit -c 0; ulimit -v "$0"; exec "$@""#
        process.arguments = ["-c", command, "\(limit)", program] + workshop.train(into: "run", steps: 1_000_000)
        let errors = workshop.folder.appendingPathComponent("errors")
        try Data().write(to: errors)
        process.standardError = try FileHandle(forWritingTo: errors)
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        let log = workshop.path("run/metrics.jsonl")
        while process.isRunning, ((try? Data(contentsOf: URL(fileURLWithPath: log)).count) ?? 0) == 0 { usleep(10_000) }
        kill(process.processIdentifier, signal)
        process.waitUntilExit()
        return (process, try String(contentsOf: errors, encoding: .utf8))
    }

    /// A failed precondition and an illegal instruction are the program's fault, not the limit's.
    @Test func aDefectIsNotCalledAShortageOfMemory() throws {
        try withWorkshop { workshop in
            try workshop.run(workshop.generate(into: "shards", passes: 1))
            for trap in [SIGILL, SIGTRAP, SIGSEGV] {
                let (process, errors) = try train(workshop, limit: 8_000_000, signal: trap)
                #expect(process.terminationReason == .uncaughtSignal && process.terminationStatus == trap)
                #expect(!errors.contains("memory"), "\(errors)")
                try workshop.remove("run")
            }
        }
    }

    @Test func aShortageOfMemoryIsExplained() throws {
        try withWorkshop { workshop in
            try workshop.run(workshop.generate(into: "shards", passes: 1))
            let shape: [String: Any] = [
                "vocab_size": 1, "embedding_size": 2048, "hidden_size": 2048, "num_hidden_layers": 2,
                "num_attention_heads": 32, "intermediate_size": 8192, "max_position_embeddings": 32,
                "model_type": "electra",
            ]
            let preset = workshop.folder.appendingPathComponent("preset.json")
            try JSONSerialization.data(withJSONObject: shape).write(to: preset)
            let (process, errors) = try train(workshop, limit: 1_300_000, signal: 0)
            #expect(process.terminationReason == .exit && process.terminationStatus == 1)
            #expect(errors.contains("error: memory ran out under the limit of address space"), "\(errors)")
        }
    }
}
