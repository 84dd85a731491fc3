import Corpus
import Finetuning
import Fixtures
import FoundationEssentials
import Models
import Random
import Storage
import SystemPackage

/// A folder with a tiny encoder, its vocabulary, and a task that it can learn: texts with "good" in them, and texts with "bad".
struct SmallTask {
    let folder: FilePath
    var model: FilePath { folder.appending("model") }
    var train: FilePath { folder.appending("train.tsv") }
    var test: FilePath { folder.appending("test.tsv") }
    var out: FilePath { folder.appending("out") }

    static let words = ["good", "bad", "the", "film", "was", "so", "and", "plot"]

    init(architecture: Architecture = .electraForPreTraining) throws {
        folder = try temporaryFolder()
        try Folder(model).create()
        let tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + Self.words
        try DurableFile.write(tokens.joined(separator: "\n") + "\n", to: model.appending("vocab.txt"))
        let encoder = EncoderConfiguration(
            vocabularySize: tokens.count, embeddingSize: 8, hiddenSize: 8, layerCount: 1, attentionHeadCount: 2,
            intermediateSize: 16, maximumPositionCount: 16, dropout: 0.1)
        try ModelConfiguration(architecture: architecture, encoder: encoder)
            .write(to: model.appending(ModelConfiguration.fileName))
        var layout = ParameterLayout()
        let transformer = TransformerEncoder(encoder, named: architecture.family.encoder, declaredIn: &layout)
        let arena = ParameterArena(layout)
        arena.initialize(standardDeviation: 0.2, seed: 9)
        try arena.write(to: model.appending(SafetensorsFile.weightsName))
        _ = transformer
        try DurableFile.write(Self.lines(count: 40, seed: 1), to: train)
        try DurableFile.write(Self.lines(count: 30, seed: 2), to: test)
    }

    private static func lines(count: Int, seed: UInt64) -> String {
        var draws = RandomStream(seed: seed, purpose: .masking).draws(pass: 0, sequence: 0, position: 0)
        return (0..<count).map { index in
            var text = (0..<Int.random(in: 2...6, using: &draws)).map { _ in
                words.dropFirst(2).randomElement(using: &draws)!
            }
            text.insert(words[index % 2], at: Int.random(in: 0...text.count, using: &draws))
            return "\(index % 2 == 0 ? "pos" : "neg")\t\(text.joined(separator: " "))\n"
        }.joined()
    }

    var settings: FinetuningSettings {
        var settings = FinetuningSettings(seed: 1, threads: 2)
        settings.learningRates = [1e-2]
        settings.seeds = 2
        settings.epochs = 3
        settings.batchSize = 4
        return settings
    }

    var stored: ModelConfiguration {
        get throws { try .classifier(startingFrom: model) }
    }

    var data: ClassificationData {
        get throws {
            try ClassificationData(
                train: train, test: test, encoder: TextEncoder(Tokenizer(folder: model), maxLength: 16),
                hasTokenTypes: stored.hasTokenTypes, storedLabels: stored.labels)
        }
    }

    func finetuner(_ settings: FinetuningSettings) throws -> Finetuner {
        try Finetuner(settings, data: data, model: model, stored: stored, folder: out)
    }

    func run(
        _ settings: FinetuningSettings, report: (Finetuner.Progress) -> Void = { _ in },
        isInterrupted: () -> Bool = { false }
    ) throws -> FinetuningResult? {
        try finetuner(settings).run(
            parameters: RunParameters(["--seed": "1"]), report: report, isInterrupted: isInterrupted)
    }
}

extension SmallTask {
    func encoder(of folder: FilePath) throws -> TextEncoder {
        TextEncoder(try Tokenizer(folder: folder), maxLength: 16)
    }

    /// The losses of the first seed's classifier, as its record has them.
    static func losses(in folder: FilePath) throws -> [Float] {
        struct Record: Decodable { let losses: [Float] }
        let path = folder.appending("runs").appending("encoder-test-0.01-1.json")
        return try JSONDecoder().decode(Record.self, from: Data(RandomAccessFile.contents(of: path))).losses
    }
}
