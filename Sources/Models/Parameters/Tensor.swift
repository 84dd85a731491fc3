/// How a parameter starts.
public enum Initialization: Sendable, Hashable {
    case zeros
    case ones
    /// Normal with the model's `initializer_range`; `rowOfZeros` stays zero (the padding token's embedding).
    case normal(rowOfZeros: Int? = nil)
}

/// One parameter, declared once: its names, shape, place in the arena, start, and how the optimizer treats it.
public struct Tensor: Sendable, Hashable {
    /// The rows of a tensor that one Hugging Face name stands for.
    ///
    /// Query, key and value are one tensor here and one product; in the file they are three.
    public struct Part: Sendable, Hashable {
        public let name: String
        public let shape: [Int]
        /// Place in the arena.
        public let range: Range<Int>
    }

    public let parts: [Part]
    /// Of the parts together, stacked along the first axis.
    public let shape: [Int]
    /// Place in the arena.
    public let range: Range<Int>
    /// Whether AdamW's weight decay applies: not to biases and layer norms.
    public let decays: Bool
    /// Whether it has a row for each token. An optimizer may have another learning rate for it.
    public let isWordEmbeddings: Bool
    public let initialization: Initialization

    public var count: Int { range.count }
}

/// The declarations of a model's parameters, in order, and where each lies.
public struct ParameterLayout: Sendable, Hashable {
    public private(set) var tensors: [Tensor] = []
    /// Floats that an arena for this layout has, padding included.
    public private(set) var count = 0
    private var modelTensorCount: Int?

    public init() {}

    /// Tensors that are declared from here on serve training alone: they are kept in checkpoints, and are not part of the
    /// model's file.
    public mutating func endModel() { modelTensorCount = tensors.count }

    public var modelTensors: ArraySlice<Tensor> { tensors.prefix(modelTensorCount ?? tensors.count) }
    public var trainingTensors: ArraySlice<Tensor> { tensors.dropFirst(modelTensorCount ?? tensors.count) }

    /// Parameters of the model, without padding.
    public var parameterCount: Int { modelTensors.reduce(0) { $0 + $1.count } }

    /// Declares a tensor of one part a name, each of `shape`, stacked along the first axis.
    public mutating func declare(
        _ names: [String], shape: [Int], decays: Bool, isWordEmbeddings: Bool = false, initialization: Initialization
    ) -> Tensor {
        let partCount = shape.reduce(1, *)
        let start = count
        let parts = names.enumerated().map { index, name in
            Tensor.Part(
                name: name, shape: shape, range: start + index * partCount..<start + (index + 1) * partCount)
        }
        let range = start..<start + names.count * partCount
        let tensor = Tensor(
            parts: parts, shape: [shape[0] * names.count] + shape.dropFirst(), range: range, decays: decays,
            isWordEmbeddings: isWordEmbeddings, initialization: initialization)
        tensors.append(tensor)
        count = (range.upperBound + ParameterArena.alignment - 1) / ParameterArena.alignment * ParameterArena.alignment
        return tensor
    }

    /// A weight of a linear layer: [output, input], decayed.
    public mutating func declareWeight(_ names: [String], output: Int, input: Int) -> Tensor {
        declare(names, shape: [output, input], decays: true, initialization: .normal())
    }

    /// A bias of a linear layer: [width], not decayed.
    public mutating func declareBias(_ names: [String], width: Int) -> Tensor {
        declare(names, shape: [width], decays: false, initialization: .zeros)
    }

    /// Scale and shift of a layer norm: [width] each, not decayed.
    public mutating func declareLayerNorm(_ name: String, width: Int) -> LayerNormParameters {
        LayerNormParameters(
            weight: declare(["\(name).weight"], shape: [width], decays: false, initialization: .ones),
            bias: declare(["\(name).bias"], shape: [width], decays: false, initialization: .zeros))
    }
}

/// Scale and shift of a layer norm: [width] each.
public struct LayerNormParameters: Sendable, Hashable {
    public let weight: Tensor
    public let bias: Tensor
}
