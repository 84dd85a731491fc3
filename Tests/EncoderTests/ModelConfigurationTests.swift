import Encoder
import Fixtures
import Storage
import SystemPackage
import Testing

@Suite struct ModelConfigurationTests {
    let path: FilePath

    init() throws {
        path = try temporaryFolder().appending("config.json")
    }

    /// The least that a file must say, and what is to be changed.
    private func json(_ changes: [String: String] = [:]) -> String {
        var values = [
            "hidden_size": "12", "num_hidden_layers": "2", "num_attention_heads": "3", "intermediate_size": "8",
        ]
        for (key, value) in changes { values[key] = value }
        return "{" + values.map { "\"\($0)\": \($1)" }.joined(separator: ", ") + "}"
    }

    private func read(_ text: String) throws -> ModelConfiguration {
        try DurableFile.write(text, to: path)
        return try ModelConfiguration(contentsOf: path)
    }

    @Test(arguments: [Architecture.electraForPreTraining, .electraForMaskedLM, .bertForMaskedLM, nil])
    func roundTrip(architecture: Architecture?) throws {
        var encoder = EncoderConfiguration(
            vocabularySize: 4096, embeddingSize: 64, hiddenSize: 96, layerCount: 5, attentionHeadCount: 6,
            intermediateSize: 300, maximumPositionCount: 77, tokenTypeCount: 3, dropout: 0.1, initializerRange: 0.03,
            layerNormEpsilon: 1e-7, paddingTokenID: 9)
        encoder.attentionDropout = 0.2
        let configuration = ModelConfiguration(architecture: architecture, encoder: encoder)
        try configuration.write(to: path)
        #expect(try ModelConfiguration(contentsOf: path) == configuration)
    }

    @Test func readsWhatTransformersWrote() throws {
        let golden = try ModelConfiguration(
            contentsOf: GoldenModel("electra-generator").folder.appending("config.json"))
        var expected = EncoderConfiguration(
            vocabularySize: 50, embeddingSize: 20, hiddenSize: 36, layerCount: 2, attentionHeadCount: 3,
            intermediateSize: 56, maximumPositionCount: 24, initializerRange: 0.3)
        #expect(golden == ModelConfiguration(architecture: .electraForMaskedLM, encoder: expected))
        expected.embeddingSize = 36
        let bert = try ModelConfiguration(contentsOf: GoldenModel("bert").folder.appending("config.json"))
        #expect(bert == ModelConfiguration(architecture: .bertForMaskedLM, encoder: expected))
    }

    /// What Hugging Face takes where a file is silent.
    @Test func defaults() throws {
        let configuration = try read(json())
        #expect(configuration.architecture == nil)
        #expect(
            configuration.encoder
                == EncoderConfiguration(
                    vocabularySize: 30522, embeddingSize: 12, hiddenSize: 12, layerCount: 2, attentionHeadCount: 3,
                    intermediateSize: 8, maximumPositionCount: 512, tokenTypeCount: 2, dropout: 0.1,
                    initializerRange: 0.02, layerNormEpsilon: 1e-12, paddingTokenID: 0))
        #expect(try read(json(["model_type": "\"electra\""])).encoder.embeddingSize == 128)
        #expect(try read(json(["model_type": "\"bert\""])).encoder.embeddingSize == 12)
        #expect(try read(json(["pad_token_id": "null", "something_else": "[1]"])).encoder.paddingTokenID == 0)
    }

    @Test(arguments: [
        "", "{", "[]", "null", "{}", #"{"hidden_size": "12"}"#, #"{"hidden_size": 1e300}"#, "\u{FEFF}\u{0}",
    ])
    func notAConfiguration(text: String) throws {
        let error = #expect(throws: ModelError.self) { try read(text) }
        guard case .malformedConfiguration = error?.kind else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(arguments: [
        ("hidden_act", "\"relu\""), ("hidden_act", "\"gelu_new\""), ("position_embedding_type", "\"relative_key\""),
        ("architectures", "[\"GPT2LMHeadModel\"]"),
    ])
    func unsupported(key: String, value: String) throws {
        let error = #expect(throws: ModelError.self) { try read(json([key: value])) }
        guard case .unsupportedOption(key, _, _) = error?.kind else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(arguments: [
        ("vocab_size", "0"), ("vocab_size", "2147483649"), ("embedding_size", "0"), ("embedding_size", "65537"),
        ("hidden_size", "0"), ("hidden_size", "-12"), ("hidden_size", "13"), ("hidden_size", "65538"),
        ("num_hidden_layers", "0"), ("num_hidden_layers", "1025"), ("num_attention_heads", "0"),
        ("num_attention_heads", "-3"), ("num_attention_heads", "1025"), ("intermediate_size", "0"),
        ("intermediate_size", "9223372036854775807"), ("max_position_embeddings", "2"),
        ("max_position_embeddings", "1048577"), ("type_vocab_size", "0"), ("type_vocab_size", "1025"),
        ("pad_token_id", "-1"), ("pad_token_id", "30522"), ("hidden_dropout_prob", "1"),
        ("hidden_dropout_prob", "-0.1"), ("attention_probs_dropout_prob", "1.5"), ("layer_norm_eps", "0"),
        ("layer_norm_eps", "-1e-12"), ("layer_norm_eps", "1"), ("initializer_range", "0"),
        ("initializer_range", "-0.02"),
    ])
    func outOfRange(key: String, value: String) throws {
        let error = #expect(throws: ModelError.self) { try read(json([key: value])) }
        guard case .valueOutOfRange(key, _, _) = error?.kind else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(error?.location?.file == path.string)
    }
}
