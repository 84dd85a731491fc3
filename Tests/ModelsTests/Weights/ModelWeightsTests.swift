import Fixtures
import Kernels
import Models
import Storage
import SystemPackage
import Testing

@Suite struct ModelWeightsTests {
    let folder: FilePath

    init() throws {
        folder = try temporaryFolder()
    }

    private func layout(_ names: String...) -> ParameterLayout {
        var layout = ParameterLayout()
        for name in names { _ = layout.declareWeight([name], output: 2, input: 3) }
        return layout
    }

    /// A file of tensors [2, 3] with these names.
    private func write(_ names: String..., to file: String, seed: UInt64 = 1) throws {
        var layout = ParameterLayout()
        for name in names { _ = layout.declareWeight([name], output: 2, input: 3) }
        let arena = ParameterArena(layout)
        arena.fillWithNoise(deviation: 1, seed: seed)
        try arena.write(to: folder.appending(file))
    }

    private func write(index: String) throws {
        try DurableFile.write(index, to: folder.appending("model.safetensors.index.json"))
    }

    private func error() throws -> ModelError? {
        #expect(throws: ModelError.self) {
            let weights = try ModelWeights(folder: folder)
            try ParameterArena(layout("a", "b")).readAll(from: weights)
        }
    }

    @Test func severalFilesAreOneModel() throws {
        try write("a", "x", to: "2.safetensors", seed: 1)
        try write("b", to: "1.safetensors", seed: 2)
        try write(
            index: #"{"metadata": {"total_size": 48}, "weight_map": {"a": "2.safetensors", "b": "1.safetensors"}}"#)
        let weights = try ModelWeights(folder: folder)
        #expect(weights.files.map { $0.lastComponent?.string } == ["1.safetensors", "2.safetensors"])
        #expect(
            Set(weights.tensors.keys) == ["a", "b"],
            "a tensor that the index does not name does not belong to the model")
        let arena = ParameterArena(layout("a", "b"))
        try arena.readAll(from: weights)
        let alone = try SafetensorsFile(folder.appending("1.safetensors")).floats(named: "b")
        let tensor = arena.layout.tensors[1]
        #expect((0..<6).map { arena[tensor][$0] } == alone)
    }

    @Test func oneFileIsTakenBeforeSeveral() throws {
        try write("a", to: "model.safetensors")
        try write(index: "nonsense")
        #expect(try ModelWeights(folder: folder).path.lastComponent == "model.safetensors")
    }

    @Test func nothingThere() throws {
        let kind = try error()?.kind
        #expect(
            kind
                == .missingFile(oneOf: [
                    "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin",
                    "pytorch_model.bin.index.json",
                ]))
    }

    @Test func aShardIsMissing() throws {
        try write("a", to: "1.safetensors")
        try write(index: #"{"weight_map": {"a": "1.safetensors", "b": "2.safetensors"}}"#)
        #expect(try error()?.kind == .missingFile(oneOf: ["2.safetensors"]))
    }

    @Test func aShardLacksItsTensor() throws {
        try write("a", to: "1.safetensors")
        try write(index: #"{"weight_map": {"a": "1.safetensors", "b": "1.safetensors"}}"#)
        #expect(try error()?.kind == .missingTensor("b"))
    }

    @Test(arguments: ["", "{", "[]", "{}", #"{"weight_map": []}"#, #"{"weight_map": {"a": 1}}"#])
    func indexThatIsNone(text: String) throws {
        try write(index: text)
        guard case .malformedIndex? = try error()?.kind else {
            Issue.record("\(text)")
            return
        }
    }

    @Test(arguments: ["../a.safetensors", "/etc/passwd", "x/y", ".", "..", "", "a\\u0000b"])
    func filesOutsideTheFolder(name: String) throws {
        try write(index: #"{"weight_map": {"a": "\#(name)"}}"#)
        guard case .malformedIndex(let detail)? = try error()?.kind else {
            Issue.record("\(name)")
            return
        }
        #expect(detail.contains("no file beside it"))
    }

    @Test func moreFilesThanAModelHas() throws {
        let map = (0..<1025).map { "\"\($0)\": \"\($0).safetensors\"" }.joined(separator: ",")
        try write(index: #"{"weight_map": {\#(map)}}"#)
        #expect(try error()?.kind == .malformedIndex("it names 1025 files"))
    }

    // MARK: Names of other releases

    @Test(arguments: [
        ("bert.embeddings.LayerNorm.weight", "bert.embeddings.LayerNorm.gamma"),
        ("bert.embeddings.LayerNorm.bias", "bert.embeddings.LayerNorm.beta"),
        ("electra.embeddings.LayerNorm.bias", "embeddings.LayerNorm.beta"),
        ("roberta.encoder.layer.0.output.dense.weight", "encoder.layer.0.output.dense.weight"),
        ("distilbert.transformer.layer.0.ffn.lin1.weight", "transformer.layer.0.ffn.lin1.weight"),
        ("cls.predictions.bias", "cls.predictions.decoder.bias"), ("lm_head.bias", "lm_head.decoder.bias"),
        ("bert.embeddings.word_embeddings.weight", "cls.predictions.decoder.weight"),
        ("electra.embeddings.word_embeddings.weight", "generator_lm_head.weight"),
        ("distilbert.embeddings.word_embeddings.weight", "vocab_projector.weight"),
    ])
    func otherNames(today: String, stored: String) throws {
        try write(stored, to: "model.safetensors")
        try ParameterArena(layout(today)).readAll(from: ModelWeights(folder: folder))
    }

    @Test func namesOfOtherFamiliesAreNoMatch() throws {
        try write("roberta.x", to: "model.safetensors")
        let weights = try ModelWeights(folder: folder)
        for name in ["bert.x", "x"] {
            #expect(throws: ModelError.self) { try ParameterArena(layout(name)).readAll(from: weights) }
        }
    }

    /// The decoder's bias is the one that is added where the two differ.
    @Test func theDecodersBiasComesFirst() throws {
        try write("lm_head.bias", "lm_head.decoder.bias", to: "model.safetensors")
        let weights = try ModelWeights(folder: folder)
        let arena = ParameterArena(layout("lm_head.bias"))
        try arena.readAll(from: weights)
        #expect((0..<6).map { arena.values.span[$0] } == (try weights.floats(named: "lm_head.decoder.bias")))
    }
}
