import Fingerprints
import Fixtures
import Foundation
import Kernels
import Models
import Storage
import SystemPackage
import Testing

/// Hugging Face folders of masked language models, good and bad.
@Suite struct MaskedLanguageLoadingTests {
    let folder: FilePath

    init() throws {
        folder = try temporaryFolder()
    }

    private func configuration(_ architecture: Architecture) -> EncoderConfiguration {
        var configuration = EncoderConfiguration(
            vocabularySize: 11, embeddingSize: 6, hiddenSize: 6, layerCount: 1, attentionHeadCount: 2,
            intermediateSize: 8, maximumPositionCount: 12,
            tokenTypeCount: architecture == .distilBertForMaskedLM ? 0 : 2,
            paddingTokenID: 1)
        configuration.firstPosition = architecture == .robertaForMaskedLM ? 2 : 0
        return configuration
    }

    /// Writes a random model; returns its parameters.
    private func write(_ model: MaskedLanguageModel, saysTied: Bool = true) throws -> ParameterArena {
        var file = ModelConfiguration(architecture: model.architecture, encoder: model.configuration)
        file.tiesDecoder = saysTied
        try file.write(to: folder.appending("config.json"))
        let arena = ParameterArena(model.layout)
        arena.fillWithNoise(deviation: 1, seed: 1)
        try arena.write(to: folder.appending("model.safetensors"))
        return arena
    }

    private func loadingError() -> ModelError? {
        #expect(throws: ModelError.self) { try MaskedLanguageModel.load(from: folder) }
    }

    @Test(arguments: MaskedLanguageModel.architectures, [true, false])
    func roundTrip(architecture: Architecture, tiesDecoder: Bool) throws {
        let model = MaskedLanguageModel(architecture, configuration(architecture), tiesDecoder: tiesDecoder)
        let written = try write(model, saysTied: tiesDecoder)
        let (again, parameters) = try MaskedLanguageModel.load(from: folder)
        #expect(again.layout == model.layout && again.configuration == model.configuration)
        #expect((0..<written.values.count).allSatisfy { written.values.span[$0] == parameters.values.span[$0] })
    }

    /// As transformers has it: two different weights are never tied, two equal ones are one.
    @Test(arguments: MaskedLanguageModel.architectures, [true, false])
    func copiesOfTheDecoder(architecture: Architecture, areEqual: Bool) throws {
        let untied = MaskedLanguageModel(architecture, configuration(architecture), tiesDecoder: false)
        let arena = try write(untied)
        if areEqual {
            let embeddings = arena[untied.encoder.parameters.wordEmbeddings]
            var decoder = arena.mutableSpan(of: untied.decoder)
            for index in decoder.indices { decoder[index] = embeddings[index] }
            try arena.write(to: folder.appending("model.safetensors"))
        }
        let (model, _) = try MaskedLanguageModel.load(from: folder)
        #expect((model.decoder == model.encoder.parameters.wordEmbeddings) == areEqual)
    }

    @Test func anUntiedDecoderHasToBeThere() throws {
        _ = try write(MaskedLanguageModel(.bertForMaskedLM, configuration(.bertForMaskedLM)), saysTied: false)
        #expect(loadingError()?.kind == .missingTensor("cls.predictions.decoder.weight"))
    }

    /// A folder of `BertModel`: nothing to predict with.
    @Test func anEncoderWithoutAHead() throws {
        let model = MaskedLanguageModel(.bertForMaskedLM, configuration(.bertForMaskedLM))
        _ = try write(model)
        var layout = ParameterLayout()
        _ = TransformerEncoder(model.configuration, named: .bert, declaredIn: &layout)
        try ParameterArena(layout).write(to: folder.appending("model.safetensors"))
        #expect(loadingError()?.kind == .missingTensor("cls.predictions.transform.dense.weight"))
    }

    @Test func otherModels() throws {
        let encoder = configuration(.electraForMaskedLM)
        // Without an architecture, the tensors' names are looked at: these have no head.
        var layout = ParameterLayout()
        _ = TransformerEncoder(encoder, named: .electra, declaredIn: &layout)
        try ParameterArena(layout).write(to: folder.appending("model.safetensors"))
        for architecture in [Architecture.electraForPreTraining, nil] {
            try ModelConfiguration(architecture: architecture, encoder: encoder).write(
                to: folder.appending("config.json"))
            guard case .wrongArchitecture(_, let expected)? = loadingError()?.kind else {
                Issue.record("\(String(describing: architecture))")
                return
            }
            #expect(expected.contains("RobertaForMaskedLM"))
        }
    }

    /// A folder of 2019: `config.json` has a shape and nothing else.
    private func writeOldConfiguration() throws {
        let path = folder.appending("config.json")
        let file = try JSONSerialization.jsonObject(with: Data(RandomAccessFile.contents(of: path)))
        var values = try #require(file as? [String: Any])
        values["architectures"] = nil
        values["model_type"] = nil
        try DurableFile.write(Array(JSONSerialization.data(withJSONObject: values)), to: path)
    }

    @Test(arguments: MaskedLanguageModel.architectures)
    func tensorsTellTheArchitecture(architecture: Architecture) throws {
        let model = MaskedLanguageModel(architecture, configuration(architecture))
        let written = try write(model)
        let named = try ModelConfiguration(folder: folder)
        #expect(!named.architectureIsInferred)
        try writeOldConfiguration()
        let read = try ModelConfiguration(folder: folder)
        #expect(read.architecture == architecture && read.architectureIsInferred)
        let (again, parameters) = try MaskedLanguageModel.load(from: folder)
        #expect(again.layout == model.layout && again.configuration == model.configuration)
        #expect((0..<written.values.count).allSatisfy { written.values.span[$0] == parameters.values.span[$0] })
    }

    @Test func ambiguousTensorsTellNothing() throws {
        let encoder = configuration(.bertForMaskedLM)
        let bert = MaskedLanguageModel(.bertForMaskedLM, encoder)
        _ = try write(bert)
        try writeOldConfiguration()
        var layout = bert.layout
        for tensor in MaskedLanguageModel(.electraForMaskedLM, encoder).layout.tensors {
            _ = layout.declareBias([tensor.parts[0].name], width: 1)
        }
        try ParameterArena(layout).write(to: folder.appending("model.safetensors"))
        let error = loadingError()
        #expect(error?.kind == .undefinedArchitecture(fitting: ["ElectraForMaskedLM", "BertForMaskedLM"]))
        #expect(error?.remedy.contains("\"architectures\": [\"BertForMaskedLM\"]") == true)
        try ParameterArena(ParameterLayout()).write(to: folder.appending("model.safetensors"))
        #expect(loadingError()?.kind == .undefinedArchitecture(fitting: []))
    }

    @Test func emptyFolder() throws {
        #expect(loadingError()?.kind == .missingFile(oneOf: ["config.json"]))
        let encoder = configuration(.electraForMaskedLM)
        try ModelConfiguration(architecture: .electraForMaskedLM, encoder: encoder).write(
            to: folder.appending("config.json"))
        guard case .missingFile? = loadingError()?.kind else {
            Issue.record("a folder without weights")
            return
        }
    }

    @Test func weightsOfAnotherShape() throws {
        let model = MaskedLanguageModel(.distilBertForMaskedLM, configuration(.distilBertForMaskedLM))
        _ = try write(model)
        var other = model.configuration
        other.intermediateSize = 9
        try ModelConfiguration(architecture: model.architecture, encoder: other).write(
            to: folder.appending("config.json"))
        #expect(
            loadingError()?.kind
                == .wrongShape(
                    tensor: "distilbert.transformer.layer.0.ffn.lin1.weight", found: [8, 6], expected: [9, 6]))
    }

    @Test(arguments: [Float.nan, .infinity]) func weightsThatAreNotFinite(value: Float) throws {
        let model = MaskedLanguageModel(.robertaForMaskedLM, configuration(.robertaForMaskedLM))
        let arena = try write(model)
        var span = arena.mutableSpan(of: model.transform.weight)
        span[4 * 6 + 5] = value
        try arena.write(to: folder.appending("model.safetensors"))
        #expect(loadingError()?.kind == .notFinite(tensor: "lm_head.dense.weight", element: [4, 5]))
    }

    /// The fingerprint that binds shards to a generator: that of its weights, in one file or in several.
    @Test func fingerprints() throws {
        _ = try write(MaskedLanguageModel(.bertForMaskedLM, configuration(.bertForMaskedLM)))
        let whole = try Fingerprint.hexadecimal(ofFiles: ModelWeights(folder: folder).files)
        #expect(
            whole
                == Fingerprint.hexadecimal(of: try RandomAccessFile.contents(of: folder.appending("model.safetensors")))
        )
        let shards = try ModelWeights(folder: GoldenModel("electra-generator-half").folder).files
        #expect(shards.count == 2)
        #expect(
            try Fingerprint.hexadecimal(ofFiles: shards)
                == Fingerprint.hexadecimal(of: shards.flatMap { try RandomAccessFile.contents(of: $0) }))
    }
}
