import ArgumentParser
import Format
import Foundation
import Models
import Replay
import Study
import SystemPackage

/// `study shape`: the configuration of a size's models, as `--preset` takes it.
struct ShapeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shape", abstract: "Write the shape of a size's models.")

    @Option var size: StudySize
    @Flag(help: "Of the generator; without it, of the discriminators.")
    var generator = false
    @Option var out: String

    func run() throws {
        let encoder = EncoderConfiguration(
            vocabularySize: size.vocabularySize, embeddingSize: size.hiddenSize, hiddenSize: size.hiddenSize,
            layerCount: generator ? size.generatorLayerCount : size.layerCount, attentionHeadCount: 4,
            intermediateSize: 4 * size.hiddenSize,
            maximumPositionCount: 128, dropout: 0)
        try ModelConfiguration(architecture: nil, encoder: encoder).write(to: FilePath(out))
    }
}

/// How long and how fast a model of the study is trained, and where it goes.
struct TrainerOptions: ParsableArguments {
    @Option var steps: Int
    @Option var batchSize: Int
    @Option var learningRate: Float
    @Option var seed: UInt64
    @Option var out: String

    var output: FilePath { FilePath(out) }

    func report(_ summary: some Encodable) throws {
        print(String(decoding: try JSONEncoder().encode(summary), as: UTF8.self))
    }
}

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
    @OptionGroup var options: TrainerOptions

    func run() throws {
        let trainer = JointTrainer(
            steps: options.steps, batchSize: options.batchSize, learningRate: options.learningRate, seed: options.seed)
        let summary = try trainer.train(
            on: Dataset(FilePath(shards)), startingFrom: FilePath(start),
            shape: preset.map { try ModelConfiguration(contentsOf: FilePath($0)).encoder }, to: options.output)
        try options.report(summary)
    }
}

/// `study truncate` and `study unigram`: shards made from shards.
enum RewriteCommand {
    static let truncate: any ParsableCommand.Type = Truncate.self
    static let unigram: any ParsableCommand.Type = Unigram.self

    struct Truncate: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "truncate", abstract: "Rewrite shards so that only the stored candidates are drawn.")
        @Option var shards: String
        @Option var out: String

        func run() throws { try TruncatedShards.write(Dataset(FilePath(shards)), to: FilePath(out)) }
    }

    struct Unigram: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "unigram", abstract: "Rewrite shards as those of a generator that knows token counts alone.")
        @Option var shards: String
        @Option var out: String

        func run() throws { try UnigramShards.write(Dataset(FilePath(shards)), to: FilePath(out)) }
    }
}
