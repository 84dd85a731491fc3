import Foundation
import Testing

/// A folder with a vocabulary, a generator of random weights, and commands that work on them.
struct Workshop {
    let folder: URL

    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    static let text = packageFolder.appendingPathComponent("data/sample/plain.txt").path

    func prepare() throws {
        let shape: [String: Any] = [
            "vocab_size": 1, "embedding_size": 16, "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
            "intermediate_size": 32, "max_position_embeddings": 32, "model_type": "electra",
        ]
        try JSONSerialization.data(withJSONObject: shape).write(to: folder.appendingPathComponent("preset.json"))
        try run(["vocab", "--text", Self.text, "--size", "600", "--out", path("vocabulary")])
        try run(
            ["mlm", "--text", Self.text, "--vocab", path("vocabulary"), "--preset", path("preset.json"), "--out"]
                + [path("generator"), "--steps", "2", "--batch-size", "4", "--max-length", "32", "--threads", "2"])
    }

    /// A shard of ten blocks a pass.
    func generate(into folder: String, passes: Int, threads: Int = 2) -> [String] {
        ["generate", "--generator", path("generator"), "--out", path(folder), "--text"]
            + Array(repeating: Self.text, count: 6)
            + [
                "--max-length", "16", "--top-k", "4", "--races", "2", "--threads", "\(threads)", "--passes",
                "\(passes)",
            ]
    }

    func train(
        into folder: String, steps: Int, checkpointInterval: Int = 25, logInterval: Int = 10, threads: Int = 2
    ) -> [String] {
        ["train", "--shards", path("shards"), "--preset", path("preset.json"), "--out", path(folder)]
            + ["--steps", "\(steps)", "--batch-size", "4", "--checkpoint-interval", "\(checkpointInterval)"]
            + ["--log-interval", "\(logInterval)", "--threads", "\(threads)"]
    }

    func run(_ arguments: [String]) throws {
        let finished = try fastElectra(arguments)
        try #require(finished.status == 0, "\(arguments): \(finished.errors)")
    }

    /// Whether the kill came before the end.
    ///
    /// - Parameter file: from its appearance on the seconds count; from the start on, if left out.
    func run(_ arguments: [String], killedAfter seconds: Double, seeing file: String? = nil) throws -> Bool {
        let process = try start(arguments)
        if let file {
            while process.isRunning, !FileManager.default.fileExists(atPath: path(file)) { usleep(200) }
        }
        Thread.sleep(forTimeInterval: seconds)
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        return process.terminationReason == .uncaughtSignal
    }

    func start(_ arguments: [String]) throws -> Process {
        let process = Process()
        process.executableURL = Bundle.main.bundleURL.appendingPathComponent("fast-electra")
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    /// Contents by path within a folder of the workshop.
    func files(of name: String) throws -> [String: Data] {
        let root = folder.appendingPathComponent(name)
        return try FileManager.default.subpathsOfDirectory(atPath: root.path).reduce(into: [:]) { files, path in
            let file = root.appendingPathComponent(path)
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: file.path, isDirectory: &isFolder), !isFolder.boolValue else {
                return
            }
            files[path] = try Data(contentsOf: file)
        }
    }

    func remove(_ name: String) throws {
        try FileManager.default.removeItem(at: folder.appendingPathComponent(name))
    }
}

func withWorkshop<Result>(_ body: (Workshop) throws -> Result) throws -> Result {
    try withTemporaryFolder { folder in
        let workshop = Workshop(folder: folder)
        try workshop.prepare()
        return try body(workshop)
    }
}
