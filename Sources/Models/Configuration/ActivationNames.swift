import Kernels

extension Activation {
    /// The names that transformers has for it (`activations.py`), the usual one first. The tanh approximation has several,
    /// which differ in rounding alone.
    var names: [String] {
        switch self {
        case .gelu: ["gelu", "gelu_python"]
        case .geluTanh: ["gelu_new", "gelu_pytorch_tanh", "gelu_python_tanh", "gelu_fast", "gelu_accurate"]
        case .relu: ["relu"]
        case .silu: ["silu", "swish"]
        }
    }

    /// The name that is written to `config.json`.
    public var name: String { names[0] }

    init?(named name: String) {
        guard let activation = Self.allCases.first(where: { $0.names.contains(name) }) else { return nil }
        self = activation
    }
}
