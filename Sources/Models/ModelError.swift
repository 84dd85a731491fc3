import Storage
import SystemPackage

/// A model's folder cannot be used.
public struct ModelError: ExplainedError {
    public enum Kind: Sendable, Hashable {
        case malformedConfiguration(String)
        case unsupportedOption(_ name: String, _ value: String, supported: String)
        case valueOutOfRange(_ name: String, _ value: String, allowed: String)
        case wrongArchitecture(found: String, expected: String)
        /// The configuration names no architecture, and the tensors' names fit none or several.
        case undefinedArchitecture(fitting: [String])
        /// None of the files that there may be is there.
        case missingFile(oneOf: [String])
        case malformedWeights(String)
        case malformedIndex(String)
        /// A checkpoint of PyTorch's that is not a zip archive of plain tensors.
        case unreadableCheckpoint(String)
        case missingTensor(String)
        case wrongShape(tensor: String, found: [Int], expected: [Int])
        case notFinite(tensor: String, element: [Int])
        /// The tokenizer beside a model has ids that the model has no embeddings of.
        case vocabularyTooLarge(tokens: Int, embeddings: Int)
        /// A model to start from computes something else with the same parameters.
        case differentModel(_ option: String, found: String, expected: String)
    }

    public let kind: Kind
    public let path: FilePath
    public let byte: UInt64?

    public init(_ kind: Kind, _ path: FilePath, byte: UInt64? = nil) {
        self.kind = kind
        self.path = path
        self.byte = byte
    }

    public var blame: Blame { .data }

    public var problem: String {
        switch kind {
        case .malformedConfiguration(let detail): "not a model configuration: \(detail)"
        case .unsupportedOption(let name, let value, _): "\(name) is \(value), which is not supported"
        case .valueOutOfRange(let name, let value, let allowed): "\(name) is \(value), and has to be \(allowed)"
        case .wrongArchitecture(let found, let expected): "the model is \(found), and \(expected) is needed"
        case .undefinedArchitecture(let fitting):
            "no architecture is named, and the tensors' names fit "
                + (fitting.isEmpty ? "none that is supported" : fitting.joined(separator: " and "))
        case .malformedWeights(let detail): "not a safetensors file: \(detail)"
        case .missingFile(let names): "\(names.joined(separator: " or ")) is missing"
        case .malformedIndex(let detail): "not an index of safetensors or PyTorch files: \(detail)"
        case .unreadableCheckpoint(let detail): "not a checkpoint of plain tensors: \(detail)"
        case .missingTensor(let name): "tensor \(name) is missing"
        case .wrongShape(let tensor, let found, let expected):
            "tensor \(tensor) has shape \(found), config.json asks for \(expected)"
        case .notFinite(let tensor, let element): "element \(element) of tensor \(tensor) is not finite"
        case .vocabularyTooLarge(let tokens, let embeddings):
            "the tokenizer has \(tokens) tokens, the model embeddings of \(embeddings)"
        case .differentModel(let option, let found, let expected):
            "the model has \(option) \(found), the one to be trained \(expected)"
        }
    }

    public var location: ErrorLocation? {
        ErrorLocation(file: path.string, byte.map { .byte($0) })
    }

    public var remedy: String {
        switch kind {
        case .malformedConfiguration, .valueOutOfRange: "Correct the file, or save the model again"
        case .unsupportedOption(_, _, let supported): "Supported: \(supported)"
        case .wrongArchitecture: "Name a folder with such a model"
        case .undefinedArchitecture:
            "Add \"architectures\" to the file, as in \"architectures\": [\"BertForMaskedLM\"]"
        case .missingFile: "Name a folder that save_pretrained wrote"
        case .malformedWeights, .malformedIndex: "Save the model again with save_pretrained, or copy the file again"
        case .unreadableCheckpoint:
            """
            If you trust it, convert it: python -c "import sys, torch, safetensors.torch as s; \
            d = torch.load(sys.argv[1], map_location='cpu'); \
            s.save_file({k: v.clone().contiguous() for k, v in d.items()}, sys.argv[2], {'format': 'pt'})" \
            pytorch_model.bin model.safetensors
            """
        case .missingTensor, .wrongShape: "Check that config.json and the weights come from the same model"
        case .notFinite: "The checkpoint is broken: take an earlier one"
        case .vocabularyTooLarge: "Take both from the same model"
        case .differentModel("vocab_size", _, _): "Take a model that has the vocabulary of the data"
        case .differentModel: "Train a model of the shape that its config.json has"
        }
    }
}
