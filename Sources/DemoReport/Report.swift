import CLibrary
import SystemPackage
import Terminal

/// All results of a demo, and the tables made of them.
///
/// `seconds` is the time the work took in all, over every run that it was continued in; a rate counts the same way.
struct Report {
    private let corpus: StageResult
    private let vocabulary: StageResult
    private let generator: StageResult
    private let generated: (train: StageResult, heldOut: StageResult)
    private let verification: StageResult
    private let training: StageResult

    init(_ folder: FilePath) throws {
        corpus = try StageResult("corpus", in: folder)
        vocabulary = try StageResult("vocab", in: folder)
        generator = try StageResult("mlm", in: folder)
        generated = (
            try StageResult("generate-train", in: folder), try StageResult("generate-heldout", in: folder)
        )
        verification = try StageResult("verify", in: folder)
        training = try StageResult("train", in: folder)
    }

    func text() throws -> String {
        try [sizes().description, stages().description, schedule().description, quality(), ending().description]
            .joined(separator: "\n")
    }

    private func sizes() throws -> Table {
        /// Of both data sets.
        func both(_ name: String) throws -> String {
            "\(Quantity.count(try generated.train.count(name))), \(Quantity.count(try generated.heldOut.count(name))) held out"
        }
        func sum(_ name: String) throws -> Int { try generated.train.count(name) + generated.heldOut.count(name) }
        let (documents, heldOut) = (try corpus.count("documents"), try corpus.count("held_out_documents"))
        let (bytes, masked) = (try sum("bytes"), try sum("masked_positions"))
        let size = masked > 0 ? Quantity.fixed(Double(bytes) / Double(masked), 1) : "-"
        return Table([
            "corpus":
                "\(Quantity.bytes(try corpus.count("train_bytes"))) in \(Quantity.count(documents - heldOut)) documents, "
                + "\(Quantity.bytes(try corpus.count("held_out_bytes"))) in \(Quantity.count(heldOut)) held out",
            "vocabulary": "\(Quantity.count(try vocabulary.count("entries"))) pieces",
            "sequences": try both("sequences"),
            "tokens": try both("tokens"),
            "masked positions": try both("masked_positions"),
            "shards":
                "\(Quantity.bytes(bytes)), \(size) bytes a masked position, all included; "
                + "\(try verification.count("shards")) verified, \(try verification.list("faults").count) faults",
        ])
    }

    private func stages() throws -> Table {
        var table = Table(
            header: ["stage", "parameters", "steps", "tokens", "tokens/s", "time"],
            alignments: [.left, .right, .right, .right, .right, .right])
        func append(_ name: String, _ result: StageResult, counting names: [String]) throws {
            let counts = try ["parameters", "steps", "tokens"].map {
                names.contains($0) ? Quantity.count(try result.count($0)) : ""
            }
            let rate = names.isEmpty ? "" : Quantity.short(try result.number("tokens_per_second"))
            table.append([name] + counts + [rate, Quantity.time(try result.number("seconds"))])
        }
        try append("vocab", vocabulary, counting: [])
        try append("mlm", generator, counting: ["parameters", "steps", "tokens"])
        try append("generate", generated.train, counting: ["tokens"])
        try append("generate, held out", generated.heldOut, counting: ["tokens"])
        try append("train", training, counting: ["parameters", "steps", "tokens"])
        return table
    }

    private func schedule() throws -> Table {
        let points = try training.list("temperatures")
        var table = Table(
            header: ["updates done"] + (try points.map { "\(Quantity.fixed(100 * (try $0.number("fraction")), 0)) %" }),
            alignments: [.left] + points.map { _ in .right })
        table.append(["temperature"] + (try points.map { Quantity.fixed(try $0.number("temperature"), 3) }))
        return table
    }

    private func quality() throws -> String {
        var table = Table(
            header: ["held-out documents", "loss", "accuracy", "precision", "recall", "AUC"],
            alignments: [.left, .right, .right, .right, .right, .right])
        for evaluation in try training.list("evaluations") {
            let name = "T = \(Quantity.short(try evaluation.number("temperature")))"
            let precision = try evaluation.optionalNumber("precision")
            table.append(
                name + ", discriminator", Quantity.fixed(try evaluation.number("loss"), 4),
                Quantity.fixed(try evaluation.number("accuracy"), 4), precision.map { Quantity.fixed($0, 3) } ?? "-",
                Quantity.fixed(try evaluation.number("recall"), 3), Quantity.fixed(try evaluation.number("auc"), 3))
            let rate = try evaluation.number("replace_rate")
            table.append(
                name + ", all called original", Quantity.fixed(Self.entropy(rate), 4), Quantity.fixed(1 - rate, 4), "-",
                Quantity.fixed(0, 3), Quantity.fixed(0.5, 3))
        }
        return table.description
    }

    /// The loss, in nats, of one who knows nothing but the share of replaced tokens.
    private static func entropy(_ rate: Double) -> Double {
        guard rate > 0, rate < 1 else { return 0 }
        return -rate * log(rate) - (1 - rate) * log(1 - rate)
    }

    private func ending() throws -> Table {
        let stages = [vocabulary, generator, generated.train, generated.heldOut, training]
        return Table([
            "time of all stages": Quantity.time(try stages.reduce(0) { try $0 + $1.number("seconds") }),
            "Hugging Face folder": try training.text("output"),
        ])
    }
}
