import Fixtures
import KernelChoice
import Kernels
import Models
import SystemPackage
import Testing

/// Models that start from another's parameters.
@Suite struct SharedParametersTests {
    let folder: FilePath
    private let configuration = EncoderConfiguration(
        vocabularySize: 7, embeddingSize: 6, hiddenSize: 6, layerCount: 2, attentionHeadCount: 3, intermediateSize: 5,
        maximumPositionCount: 6)

    init() throws {
        folder = try temporaryFolder()
    }

    private func write(_ configuration: EncoderConfiguration, named names: EncoderNames = .electra) throws
        -> ParameterArena
    {
        var layout = ParameterLayout()
        _ = TransformerEncoder(configuration, named: names, declaredIn: &layout)
        let arena = ParameterArena(layout)
        arena.fillWithNoise(deviation: 1, seed: 3)
        try arena.write(to: folder.appending("model.safetensors"))
        try ModelConfiguration(architecture: .electraForPreTraining, encoder: configuration).write(
            to: folder.appending("config.json"))
        return arena
    }

    private func start() throws -> ParameterArena {
        var layout = ParameterLayout()
        _ = TransformerEncoder(configuration, named: .electra, declaredIn: &layout)
        let arena = ParameterArena(layout)
        try arena.readShared(from: folder, for: configuration)
        return arena
    }

    @Test func lowerLayersAreTakenOver() throws {
        var shallow = configuration
        shallow.layerCount = 1
        let written = try write(shallow)
        let arena = try start()
        #expect((0..<written.values.count).allSatisfy { arena.values.span[$0] == written.values.span[$0] })
        #expect((written.values.count..<arena.values.count).allSatisfy { arena.values.span[$0] == 0 })
    }

    /// The same shapes, another function.
    @Test func anotherFunctionIsRefused() throws {
        var (heads, activation, epsilon) = (configuration, configuration, configuration)
        heads.attentionHeadCount = 2
        activation.activation = .relu
        epsilon.layerNormEpsilon = 1e-5
        for (other, kind) in [
            (heads, ModelError.Kind.differentModel("num_attention_heads", found: "2", expected: "3")),
            (activation, .differentModel("hidden_act", found: "relu", expected: "gelu")),
            (epsilon, .differentModel("layer_norm_eps", found: "1e-05", expected: "1e-12")),
        ] {
            _ = try write(other)
            #expect(#expect(throws: ModelError.self) { try start() }?.kind == kind)
        }
    }

    /// The folder is as its config.json says: it is the model to be trained that differs.
    @Test func anotherShapeIsRefused() throws {
        var wide = configuration
        wide.intermediateSize *= 2
        _ = try write(wide)
        let error = #expect(throws: ModelError.self) { try start() }
        guard case .differentModel(let what, _, _)? = error?.kind else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(what.contains("intermediate"))
        // Its weights are not those that its own config.json asks for: both models are to blame, or none.
        try ModelConfiguration(architecture: .electraForMaskedLM, encoder: configuration).write(
            to: folder.appending("config.json"))
        guard case .wrongShape? = #expect(throws: ModelError.self, performing: { try start() })?.kind else {
            Issue.record("the folder contradicts itself")
            return
        }
    }

    @Test func anotherVocabularyIsRefused() throws {
        var other = configuration
        other.vocabularySize += 1
        _ = try write(other)
        let error = #expect(throws: ModelError.self) { try start() }
        #expect(
            error?.kind
                == .differentModel(
                    "vocab_size", found: "\(other.vocabularySize)", expected: "\(configuration.vocabularySize)"))
        #expect(error?.remedy.contains("vocabulary") == true)
    }

    /// Before any number is read, and naming the family, not a tensor.
    @Test(arguments: [Architecture.bertForMaskedLM, .robertaForMaskedLM, .distilBertForMaskedLM])
    func anotherFamilyIsRefused(architecture: Architecture) throws {
        _ = try write(configuration, named: architecture.family.encoder)
        var encoder = configuration
        if architecture == .distilBertForMaskedLM { encoder.tokenTypeCount = 0 }
        try ModelConfiguration(architecture: architecture, encoder: encoder).write(to: folder.appending("config.json"))
        #expect(
            #expect(throws: ModelError.self) { try start() }?.kind
                == .wrongArchitecture(found: architecture.rawValue, expected: "an ELECTRA"))
    }

    @Test func nothingInCommon() throws {
        _ = try write(configuration, named: .bert)
        #expect(
            #expect(throws: ModelError.self) { try start() }?.kind
                == .missingTensor("electra.embeddings.word_embeddings.weight"))
    }
}
