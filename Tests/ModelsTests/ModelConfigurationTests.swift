import Fixtures
import Kernels
import Models
import Storage
import SystemPackage
import Testing

@Suite struct ModelConfigurationTests {
    let path: FilePath

    init() throws {
        path = try temporaryFolder().appending("config.json")
    }

    /// The least that a file must say, with changes.
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

    @Test(arguments: [nil] + Architecture.allCases.map(Optional.init), Activation.allCases)
    func roundTrip(architecture: Architecture?, activation: Activation) throws {
        var encoder = EncoderConfiguration(
            vocabularySize: 4096, embeddingSize: 64, hiddenSize: 96, layerCount: 5, attentionHeadCount: 6,
            intermediateSize: 300, maximumPositionCount: 77, tokenTypeCount: 3, dropout: 0.1, initializerRange: 0.03,
            layerNormEpsilon: 1e-7, paddingTokenID: 9)
        encoder.attentionDropout = 0.2
        encoder.activation = activation
        // Values that a family cannot express.
        switch architecture {
        case .robertaForMaskedLM, .robertaForSequenceClassification:
            (encoder.embeddingSize, encoder.firstPosition) = (96, 10)
        case .bertForMaskedLM, .bertForSequenceClassification: encoder.embeddingSize = 96
        case .distilBertForMaskedLM, .distilBertForSequenceClassification:
            (encoder.embeddingSize, encoder.tokenTypeCount, encoder.layerNormEpsilon) = (96, 0, 1e-12)
        default: break
        }
        if architecture?.isClassifier == true { encoder.classifierDropout = 0.3 }
        var configuration = ModelConfiguration(architecture: architecture, encoder: encoder)
        if architecture?.isClassifier == true { configuration.labels = ["no", "yes", "10"] }
        configuration.tiesDecoder = activation != .relu
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

    @Test func readsOtherFamilies() throws {
        var expected = EncoderConfiguration(
            vocabularySize: 50, embeddingSize: 24, hiddenSize: 24, layerCount: 2, attentionHeadCount: 2,
            intermediateSize: 28, maximumPositionCount: 20, tokenTypeCount: 1, initializerRange: 0.3,
            layerNormEpsilon: 1e-5, paddingTokenID: 1)
        (expected.firstPosition, expected.activation) = (2, .relu)
        let roberta = try ModelConfiguration(contentsOf: GoldenModel("roberta").folder.appending("config.json"))
        #expect(roberta == ModelConfiguration(architecture: .robertaForMaskedLM, encoder: expected))
        #expect(roberta.encoder.maximumSequenceLength == 18)
        expected = EncoderConfiguration(
            vocabularySize: 50, embeddingSize: 24, hiddenSize: 24, layerCount: 2, attentionHeadCount: 2,
            intermediateSize: 28, maximumPositionCount: 24, tokenTypeCount: 0, initializerRange: 0.3)
        expected.activation = .geluTanh
        let distilBert = try ModelConfiguration(contentsOf: GoldenModel("distilbert").folder.appending("config.json"))
        #expect(distilBert == ModelConfiguration(architecture: .distilBertForMaskedLM, encoder: expected))
    }

    /// Any head's folder gives an encoder to build a classifier on; labels come from a classifier alone.
    @Test func asClassifier() throws {
        let folder = path.removingLastComponent()
        func classifier(_ changes: [String: String]) throws -> ModelConfiguration {
            try DurableFile.write(json(changes), to: path)
            return try .classifier(startingFrom: folder)
        }
        let labels = ["id2label": #"{"1": "good", "0": "bad"}"#]
        let bert = try classifier(
            labels.merging(["architectures": #"["BertForPreTraining"]"#, "model_type": #""bert""#]) { $1 })
        #expect(bert.architecture == .bertForSequenceClassification && bert.labels == [])
        #expect(bert.encoder.classifierDropout == 0.1, "as the hidden states")
        let again = try classifier(
            labels.merging(["architectures": #"["ElectraForSequenceClassification"]"#, "classifier_dropout": "0.25"]) {
                $1
            })
        #expect(again.labels == ["bad", "good"] && again.encoder.classifierDropout == 0.25)
        #expect(
            try classifier([
                "architectures": #"["DistilBertForMaskedLM"]"#, "dim": "12", "n_layers": "2", "n_heads": "3",
                "hidden_dim": "8",
            ]).encoder.classifierDropout == 0.2)
        #expect(throws: ModelError.self) { try classifier(["model_type": #""albert""#]) }
        #expect(throws: ModelError.self) { try classifier([:]) }
        #expect(throws: ModelError.self) { try classifier(["model_type": #""bert""#, "classifier_dropout": "1"]) }
    }

    /// A shape of any family serves an ELECTRA.
    @Test func asElectra() throws {
        let roberta = try read(json(["model_type": "\"roberta\"", "max_position_embeddings": "514"])).encoder
        #expect(roberta.firstPosition == 2 && roberta.maximumSequenceLength == 512)
        #expect(roberta.asElectra.firstPosition == 0 && roberta.asElectra.maximumPositionCount == 512)
        #expect(try read(json()).encoder.asElectra == read(json()).encoder)
    }

    @Test(arguments: [
        ("gelu", Activation.gelu), ("gelu_python", .gelu), ("gelu_new", .geluTanh), ("gelu_pytorch_tanh", .geluTanh),
        ("gelu_fast", .geluTanh), ("relu", .relu), ("silu", .silu), ("swish", .silu),
    ])
    func activations(name: String, activation: Activation) throws {
        #expect(try read(json(["hidden_act": "\"\(name)\""])).encoder.activation == activation)
    }

    /// The values that Hugging Face takes where a file is silent.
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
        #"{"hidden_size": 12}"#, #"{"architectures": "BertForMaskedLM"}"#, #"{"hidden_act": 1}"#, #"{"is_decoder": 1}"#,
        #"{"hidden_size": true}"#,
    ])
    func notAConfiguration(text: String) throws {
        let error = #expect(throws: ModelError.self) { try read(text) }
        guard case .malformedConfiguration = error?.kind else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    /// Empty or silent options ask for nothing.
    @Test func optionsThatSayNothing() throws {
        let silent = ["pruned_heads": "{}", "quantization_config": "null", "is_decoder": "false"]
        #expect(try read(json(silent)) == read(json()))
    }

    @Test func positionsThatPaddingUsesUp() throws {
        let error = #expect(throws: ModelError.self) {
            try read(json(["model_type": "\"roberta\"", "max_position_embeddings": "9", "pad_token_id": "7"]))
        }
        #expect(error?.kind == .valueOutOfRange("max_position_embeddings", "9", allowed: "11 or more"))
    }

    @Test func missingFile() throws {
        let error = #expect(throws: ModelError.self) { try ModelConfiguration(contentsOf: path) }
        #expect(error?.kind == .missingFile(oneOf: ["config.json"]) && error?.blame == .data)
    }

    @Test(arguments: [
        ("hidden_act", "\"tanh\""), ("hidden_act", "\"quick_gelu\""), ("position_embedding_type", "\"relative_key\""),
        ("architectures", "[\"GPT2LMHeadModel\"]"), ("architectures", "[\"BertForPreTraining\"]"),
        ("model_type", "\"albert\""), ("is_decoder", "true"), ("add_cross_attention", "true"),
        ("pruned_heads", "{\"0\": [1]}"), ("quantization_config", "{\"bits\": 8}"),
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
