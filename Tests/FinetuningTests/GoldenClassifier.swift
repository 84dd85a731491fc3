import Finetuning
import Kernels
import Models
import SystemPackage

/// A tiny classifier with the results of PyTorch and transformers for it (`Fixtures/Golden/make_classifiers.py`).
struct GoldenClassifier {
    let folder: FilePath
    let configuration: ModelConfiguration
    let examples: [LabeledSequence]
    /// [examples, labels]
    let logits: [Float]
    let loss: Float
    /// Of 50 updates; batch s is the four examples from 4 · s on, around and around.
    let curve: (losses: [Float], norms: [Float])
    private let golden: SafetensorsFile

    /// Of every family.
    static let names = ["classifier-electra", "classifier-bert", "classifier-roberta", "classifier-distilbert"]
    static let batchSize = 4
    static let schedule = (peak: Float(5e-4), warmup: 5, steps: 50)

    init(_ name: String) throws {
        let tests = FilePath(#filePath).removingLastComponent().removingLastComponent()
        folder = tests.appending("Fixtures").appending("Golden").appending(name)
        configuration = try ModelConfiguration(contentsOf: folder.appending("config.json"))
        golden = try SafetensorsFile(folder.appending("golden.safetensors"))
        let lengths = try golden.floats(named: "lengths").map { Int($0) }
        let ids = try golden.floats(named: "input_ids").map { Int32($0) }
        let types = try golden.floats(named: "token_type_ids")
        let labels = try golden.floats(named: "labels").map { Int($0) }
        let longest = ids.count / lengths.count
        examples = lengths.indices.map { row in
            let elements = row * longest..<row * longest + lengths[row]
            return LabeledSequence(
                tokens: Array(ids[elements]),
                secondSegment: types[elements].firstIndex(of: 1).map { $0 - row * longest },
                label: labels[row])
        }
        logits = try golden.floats(named: "logits")
        loss = try golden.floats(named: "loss")[0]
        curve = (try golden.floats(named: "losses"), try golden.floats(named: "norms"))
    }

    var classifier: SequenceClassifier {
        get throws {
            let family = configuration.architecture?.family ?? .electra
            return SequenceClassifier(configuration.encoder, family, labelCount: configuration.labels.count)
        }
    }

    func parameters(_ layout: ParameterLayout) throws -> ParameterArena {
        let arena = ParameterArena(layout)
        try arena.readAll(from: ModelWeights(folder: folder))
        return arena
    }

    func batch(of step: Int) -> [LabeledSequence] {
        (0..<Self.batchSize).map { examples[(step * Self.batchSize + $0) % examples.count] }
    }

    /// As ``Fixtures/GoldenModel/gradientErrors(_:)``.
    func gradientErrors(_ gradients: ParameterArena) throws -> [(tensor: String, error: Float)] {
        let parts = gradients.layout.tensors.flatMap(\.parts)
        let expected = try parts.map { try golden.floats(named: "gradient." + $0.name) }
        let sizes = expected.map { $0.reduce(0) { max($0, abs($1)) } }
        let floor = (sizes.max() ?? 0) / 100
        return zip(parts, zip(expected, sizes)).map { part, golden in
            let ours = gradients.values.span(part.range)
            var difference: Float = 0
            for index in golden.0.indices { difference = max(difference, abs(ours[index] - golden.0[index])) }
            return (part.name, difference / max(golden.1, floor))
        }
    }
}
