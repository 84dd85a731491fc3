import Terminal

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// All results of a demo, and the tables made of them.
struct Report {
    private let corpus: CorpusResult
    private let vocabulary: VocabularyResult
    private let auxiliary: GeneratorResult
    private let generated: (train: GenerationResult, heldOut: GenerationResult)
    private let verification: VerificationResult
    private let training: TrainingResult

    init(_ folder: ResultFolder) throws {
        corpus = try folder.read(CorpusResult.self, from: "corpus.json")
        vocabulary = try folder.read(VocabularyResult.self, from: "vocab.json")
        auxiliary = try folder.read(GeneratorResult.self, from: "mlm.json")
        generated = (
            try folder.read(GenerationResult.self, from: "generate-train.json"),
            try folder.read(GenerationResult.self, from: "generate-heldout.json")
        )
        verification = try folder.read(VerificationResult.self, from: "verify.json")
        training = try folder.read(TrainingResult.self, from: "train.json")
    }

    var text: String {
        [sizes.description, stages.description, schedule.description, quality, ending.description]
            .joined(separator: "\n")
    }

    private var sizes: Table {
        let (train, heldOut) = generated
        let masked = train.maskedPositions + heldOut.maskedPositions
        let bytes = train.bytes + heldOut.bytes
        return Table([
            "corpus":
                "\(Quantity.bytes(corpus.trainBytes)) in \(Quantity.count(corpus.documents - corpus.heldOutDocuments)) "
                + "documents, \(Quantity.bytes(corpus.heldOutBytes)) in \(Quantity.count(corpus.heldOutDocuments)) held out",
            "vocabulary": "\(Quantity.count(vocabulary.entries)) pieces",
            "sequences": "\(Quantity.count(train.sequences)), \(Quantity.count(heldOut.sequences)) held out",
            "tokens": "\(Quantity.count(train.tokens)), \(Quantity.count(heldOut.tokens)) held out",
            "masked positions":
                "\(Quantity.count(train.maskedPositions)), \(Quantity.count(heldOut.maskedPositions)) held out",
            "shards":
                "\(Quantity.bytes(bytes)), \(perPosition(bytes, masked)) bytes a masked position, all included; "
                + "\(verification.shards) verified, \(verification.faults.count) faults",
        ])
    }

    private func perPosition(_ bytes: Int, _ masked: Int) -> String {
        masked > 0 ? Quantity.fixed(Double(bytes) / Double(masked), 1) : "-"
    }

    private var stages: Table {
        var table = Table(
            header: ["stage", "parameters", "steps", "tokens", "tokens/s", "time"],
            alignments: [.left, .right, .right, .right, .right, .right])
        table.append("vocab", "", "", "", "", Quantity.time(vocabulary.seconds))
        table.append(
            "mlm", Quantity.count(auxiliary.parameters), Quantity.count(auxiliary.steps),
            Quantity.count(auxiliary.tokens), Quantity.short(auxiliary.tokensPerSecond),
            Quantity.time(auxiliary.seconds))
        for (name, result) in [("generate", generated.train), ("generate, held out", generated.heldOut)] {
            table.append(
                name, "", "", Quantity.count(result.tokens), Quantity.short(result.tokensPerSecond),
                Quantity.time(result.seconds))
        }
        table.append(
            "train", Quantity.count(training.parameters), Quantity.count(training.steps),
            Quantity.count(training.tokens), Quantity.short(training.tokensPerSecond), Quantity.time(training.seconds))
        return table
    }

    private var schedule: Table {
        let points = training.temperatures
        var table = Table(
            header: ["updates done"] + points.map { "\(Quantity.fixed(100 * $0.fraction, 0)) %" },
            alignments: [.left] + points.map { _ in .right })
        table.append(["temperature"] + points.map { Quantity.fixed($0.temperature, 3) })
        return table
    }

    private var quality: String {
        var table = Table(
            header: ["held-out documents", "loss", "accuracy", "precision", "recall", "AUC"],
            alignments: [.left, .right, .right, .right, .right, .right])
        for evaluation in training.evaluations {
            let name = "T = \(Quantity.short(evaluation.temperature))"
            table.append(
                name + ", discriminator", Quantity.fixed(evaluation.loss, 4), Quantity.fixed(evaluation.accuracy, 4),
                evaluation.precision.map { Quantity.fixed($0, 3) } ?? "-", Quantity.fixed(evaluation.recall, 3),
                Quantity.fixed(evaluation.auc, 3))
            table.append(
                name + ", all called original", Quantity.fixed(Self.entropy(evaluation.replaceRate), 4),
                Quantity.fixed(1 - evaluation.replaceRate, 4), "-", Quantity.fixed(0, 3), Quantity.fixed(0.5, 3))
        }
        return table.description
    }

    /// The loss, in nats, of one who knows nothing but the share of replaced tokens.
    private static func entropy(_ rate: Double) -> Double {
        guard rate > 0, rate < 1 else { return 0 }
        return -rate * log(rate) - (1 - rate) * log(1 - rate)
    }

    private var ending: Table {
        let seconds =
            vocabulary.seconds + auxiliary.seconds + generated.train.seconds + generated.heldOut.seconds
            + training.seconds
        return Table([
            "time of all stages": Quantity.time(seconds),
            "Hugging Face folder": training.output,
        ])
    }
}
