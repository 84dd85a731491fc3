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
    @Option var out: String

    func run() throws {
        let encoder = EncoderConfiguration(
            vocabularySize: size.vocabularySize, embeddingSize: size.hiddenSize, hiddenSize: size.hiddenSize,
            layerCount: size.layerCount, attentionHeadCount: 4, intermediateSize: 4 * size.hiddenSize,
            maximumPositionCount: 128, dropout: 0)
        try ModelConfiguration(architecture: nil, encoder: encoder).write(to: FilePath(out))
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
    @Option var steps: Int
    @Option var batchSize: Int
    @Option var learningRate: Float
    @Option var seed: UInt64
    @Option var out: String

    func run() throws {
        let trainer = JointTrainer(steps: steps, batchSize: batchSize, learningRate: learningRate, seed: seed)
        let summary = try trainer.train(
            on: Dataset(FilePath(shards)), startingFrom: FilePath(start), to: FilePath(out))
        print(String(decoding: try JSONEncoder().encode(summary), as: UTF8.self))
    }
}

/// `study sentence`: masked language modelling with targets for `[CLS]`.
struct SentenceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sentence", abstract: "Train a masked language model whose [CLS] guesses tokens of its sequence.")

    @Option(help: "Shards: their sequences and masks are used.")
    var shards: String
    @Option(help: "A config.json.")
    var shape: String
    @Option(help: "A masked language model to go on from.")
    var start: String?
    @Option var steps: Int
    @Option var batchSize: Int
    @Option var learningRate: Float
    @Option var seed: UInt64
    @Option(help: "Tokens that [CLS] is asked for.")
    var targets = 4
    @Option var out: String

    func run() throws {
        let trainer = SentenceTrainer(
            steps: steps, batchSize: batchSize, learningRate: learningRate, seed: seed, targetCount: targets)
        let summary = try trainer.train(
            on: Dataset(FilePath(shards)), shape: ModelConfiguration(contentsOf: FilePath(shape)).encoder,
            startingFrom: start.map { FilePath($0) }, to: FilePath(out))
        print(String(decoding: try JSONEncoder().encode(summary), as: UTF8.self))
    }
}

/// `study detector`: replaced token detection that keeps asking `[CLS]` for tokens of its sequence.
struct DetectorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "detector",
        abstract: "Train a discriminator from shards whose [CLS] guesses tokens of its sequence.")

    @Option var shards: String
    @Option(help: "What 'study sentence' wrote.")
    var start: String
    @Option var steps: Int
    @Option var batchSize: Int
    @Option var learningRate: Float
    @Option var seed: UInt64
    @Option(help: "Tokens that [CLS] is asked for; 0 is plain detection.")
    var targets = 4
    @Option var out: String

    func run() throws {
        let trainer = SentenceTrainer(
            steps: steps, batchSize: batchSize, learningRate: learningRate, seed: seed, targetCount: targets)
        let summary = try SentenceDetector(trainer, schedule: .standard).train(
            on: Dataset(FilePath(shards)), startingFrom: FilePath(start), to: FilePath(out))
        print(String(decoding: try JSONEncoder().encode(summary), as: UTF8.self))
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
