import Foundation

/// A program that has run to its end.
struct FinishedProgram {
    let status: Int32
    let output: String
    let errors: String
}

/// The folder that `Package.swift` is in.
let packageFolder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

/// Runs the `fast-electra` that was built along with these tests.
func fastElectra(_ arguments: String...) throws -> FinishedProgram {
    try fastElectra(arguments)
}

func fastElectra(_ arguments: [String], in workingFolder: URL = packageFolder) throws -> FinishedProgram {
    let builtProducts = Bundle.main.bundleURL
    return try run(builtProducts.appendingPathComponent("fast-electra"), arguments, in: workingFolder)
}

/// Runs `executable` in a folder. The output goes through files: a full pipe would block the program.
func run(
    _ executable: URL, _ arguments: [String], in workingFolder: URL = packageFolder,
    environment: [String: String] = [:]
) throws -> FinishedProgram {
    try withTemporaryFolder { folder in
        let process = Process()
        process.executableURL = executable
        process.arguments = arguments
        process.currentDirectoryURL = workingFolder
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        let files = [folder.appendingPathComponent("output"), folder.appendingPathComponent("errors")]
        for file in files { try Data().write(to: file) }
        process.standardOutput = try FileHandle(forWritingTo: files[0])
        process.standardError = try FileHandle(forWritingTo: files[1])
        try process.run()
        process.waitUntilExit()
        return FinishedProgram(
            status: process.terminationStatus,
            output: String(decoding: try Data(contentsOf: files[0]), as: UTF8.self),
            errors: String(decoding: try Data(contentsOf: files[1]), as: UTF8.self))
    }
}

/// Gives `body` an empty folder that is removed afterwards.
func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fast-electra-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
}
