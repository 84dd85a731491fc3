import ArgumentParser
import Format
import Foundation
import Models
import Study
import SystemPackage

/// `study joint`: the joint baseline.
struct JointCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "joint", abstract: "Train generator and discriminator together, as ELECTRA did.")

    @Option(help: "Shards: their sequences and masks are used, and nothing of what they store of a generator.")
    var shards: String
    @Option(help: "The masked language model that both start from.")
    var start: String
    @Option(help: "The discriminator's config.json; without it, it has the shape of the start.")
    var preset: String?
    @Option var steps: Int
    @Option var batchSize: Int
    @Option var learningRate: Float
    @Option var seed: UInt64
    @Option var out: String

    func run() throws {
        let trainer = JointTrainer(steps: steps, batchSize: batchSize, learningRate: learningRate, seed: seed)
        let summary = try trainer.train(
            on: Dataset(FilePath(shards)), startingFrom: FilePath(start),
            shape: preset.map { try ModelConfiguration(contentsOf: FilePath($0)).encoder }, to: FilePath(out))
        print(String(decoding: try JSONEncoder().encode(summary), as: UTF8.self))
    }
}
