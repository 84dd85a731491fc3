/// Elements that tensors of a pickle share: a file of the archive.
struct PickledStorage: Sendable, Hashable {
    /// `nil` for integers and booleans.
    let elementType: StoredTensor.ElementType?
    let key: String
}

/// A tensor as a pickle describes it, unchecked.
struct PickledTensor: Sendable, Hashable {
    let storage: PickledStorage
    /// Elements before the first one.
    let offset: Int
    let shape: [Int]
    let strides: [Int]
}

/// The names that a pickle of plain tensors may ask for. Nothing is imported: each stands for an operation of
/// ``StateDictPickle``.
enum PickleGlobal: Sendable, Hashable {
    case orderedDictionary
    case rebuildTensor
    case rebuildParameter
    case storage(StoredTensor.ElementType?)

    init?(module: Substring, name: Substring) {
        switch (module, name) {
        case ("collections", "OrderedDict"): self = .orderedDictionary
        case ("torch._utils", "_rebuild_tensor_v2"): self = .rebuildTensor
        case ("torch._utils", "_rebuild_parameter"): self = .rebuildParameter
        case ("torch", "FloatStorage"): self = .storage(.float32)
        case ("torch", "HalfStorage"): self = .storage(.float16)
        case ("torch", "BFloat16Storage"): self = .storage(.bfloat16)
        case ("torch", "DoubleStorage"): self = .storage(.float64)
        case ("torch", "LongStorage"), ("torch", "IntStorage"), ("torch", "ShortStorage"), ("torch", "CharStorage"),
            ("torch", "ByteStorage"), ("torch", "BoolStorage"):
            self = .storage(nil)
        default: return nil
        }
    }
}
