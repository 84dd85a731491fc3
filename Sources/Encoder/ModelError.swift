import Storage
import SystemPackage

/// A model's folder cannot be used.
public struct ModelError: ExplainedError {
    public enum Kind: Sendable, Hashable {
        case malformedConfiguration(String)
        case unsupportedOption(_ name: String, _ value: String, supported: String)
        case valueOutOfRange(_ name: String, _ value: String, allowed: String)
        case wrongArchitecture(found: String, expected: String)
        case malformedWeights(String)
        case missingTensor(String)
        case wrongShape(tensor: String, found: [Int], expected: [Int])
        case notFinite(tensor: String)
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
        case .valueOutOfRange(let name, let value, let allowed): "\(name) is \(value), allowed is \(allowed)"
        case .wrongArchitecture(let found, let expected): "the model is \(found), needed is \(expected)"
        case .malformedWeights(let detail): "not a safetensors file: \(detail)"
        case .missingTensor(let name): "tensor \(name) is missing"
        case .wrongShape(let tensor, let found, let expected):
            "tensor \(tensor) has shape \(found), config.json asks for \(expected)"
        case .notFinite(let tensor): "tensor \(tensor) holds values that are not finite"
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
        case .malformedWeights: "Save the model again with save_pretrained, or copy the file again"
        case .missingTensor, .wrongShape: "Check that config.json and model.safetensors come from the same model"
        case .notFinite: "The checkpoint is broken: take an earlier one"
        }
    }
}
