import Kernels
import Storage
import SystemPackage

/// Tensors by name: a file's, or those of several files together.
public protocol TensorStore: Sendable {
    /// The path that errors name where no file is to blame in particular.
    var path: FilePath { get }
    /// The tensors of floating-point types; integer buffers are passed over.
    var tensors: [String: StoredTensor] { get }
}

extension TensorStore {
    /// The tensor of a name, or of its name in other releases.
    func tensor(for name: String) -> (name: String, tensor: StoredTensor)? {
        for candidate in TensorNames.candidates(for: name) {
            if let tensor = tensors[candidate] { return (candidate, tensor) }
        }
        return nil
    }

    /// The shape of the tensor of a name, or of its name in other releases; `nil` where there is none.
    public func shape(of name: String) -> [Int]? { tensor(for: name)?.tensor.shape }

    /// The elements of one tensor, in the order of the file.
    public func floats(named name: String) throws -> [Float] {
        guard let tensor = tensors[name] else { throw ModelError(.missingTensor(name), path) }
        var floats = [Float](repeating: 0, count: tensor.elementCount)
        try tensor.read(named: name, into: floats.mutableSpan)
        return floats
    }

    /// Refuses a store that lacks a tensor of `layout` or has one of another shape: before memory is allocated by it.
    public func check(_ layout: ParameterLayout) throws(ModelError) {
        for part in layout.tensors.flatMap(\.parts) { try check(part) }
    }

    /// Refuses a store that lacks one tensor or has it of another shape.
    public func check(_ part: Tensor.Part) throws(ModelError) {
        guard let (name, tensor) = tensor(for: part.name) else {
            throw ModelError(.missingTensor(part.name), path)
        }
        try tensor.check(named: name, isShapedAs: part)
    }
}

extension StoredTensor {
    fileprivate func check(named name: String, isShapedAs part: Tensor.Part) throws(ModelError) {
        guard shape == part.shape else {
            throw ModelError(.wrongShape(tensor: name, found: shape, expected: part.shape), bytes.path)
        }
    }
}

extension ParameterArena {
    /// Fills every tensor that `isWanted` from `store`, checking shapes.
    ///
    /// - Parameter prefix: the text before the tensors' names in the store.
    /// - Returns: the names of tensors that were wanted and not there.
    public func read(
        from store: some TensorStore, prefix: String = "", where isWanted: (Tensor) -> Bool = { _ in true }
    ) throws -> [String] {
        var missing: [String] = []
        for tensor in layout.tensors where isWanted(tensor) {
            for part in tensor.parts {
                guard let (name, stored) = store.tensor(for: prefix + part.name) else {
                    missing.append(prefix + part.name)
                    continue
                }
                try stored.check(named: name, isShapedAs: part)
                try stored.read(named: name, into: values.mutableSpan(part.range))
            }
        }
        return missing
    }

    /// Fills tensors, all of the layout's if left out, from `store`; one that is missing is an error.
    public func readAll(
        _ tensors: ArraySlice<Tensor>? = nil, from store: some TensorStore, prefix: String = ""
    ) throws {
        if let name = try read(from: store, prefix: prefix, where: { tensors?.contains($0) ?? true }).first {
            throw ModelError(.missingTensor(name), store.path)
        }
    }
}
