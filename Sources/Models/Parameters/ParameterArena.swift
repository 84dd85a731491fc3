import Kernels

/// All parameters of a model (or their gradients, or an optimizer's moments) in one block of floats.
///
/// A handle: copies share the block, so that threads read the same parameters. It may cross threads because its users work in
/// phases with a barrier between them (`DataParallelStep`): while forward and backward run, all threads read the parameters and
/// each writes to gradients of its own; while gradients are added up and parameters updated, each thread has its own ranges
/// (`ParameterLayout.pieces(of:)`). The compiler cannot check that; `make test-thread` looks for violations.
public struct ParameterArena: @unchecked Sendable {
    static let alignment = FloatBuffer.alignment

    public let layout: ParameterLayout
    /// [layout.count]; padding between tensors stays zero.
    public let values: FloatBuffer
    private var panels: [Tensor: PackedFactor] = [:]
    private let erased = ErasedTensors()

    /// Zeros.
    public init(_ layout: ParameterLayout) {
        self.layout = layout
        values = FloatBuffer(count: layout.count)
    }

    /// The values of one tensor.
    public subscript(tensor: Tensor) -> Span<Float> {
        @_lifetime(borrow self)
        get { _overrideLifetime(UnsafeBufferPointer(rebasing: values.storage[tensor.range]).span, borrowing: self) }
    }

    /// The values of one tensor, to write.
    @_lifetime(borrow self)
    public func mutableSpan(of tensor: Tensor) -> MutableSpan<Float> {
        if erased.remove(tensor) { fill(tensor.range) }
        return _overrideLifetime(
            UnsafeMutableBufferPointer(rebasing: values.storage[tensor.range]).mutableSpan, borrowing: self)
    }

    /// Makes all values count as zeros, without writing them: a sum that begins anew mostly overwrites them. Until ``settle()``,
    /// tensors may only be reached by ``mutableSpan(of:)``.
    package func erase() { erased.insert(layout.tensors) }

    /// Writes the zeros of ``erase()`` that nothing has overwritten.
    package func settle() {
        for range in erased.removeAll() { fill(range) }
    }

    /// The factor of a tensor's values when a product is added to them: 0 for values that count as zeros. They do not count
    /// as zeros afterwards, because the product overwrites them.
    func keeping(of tensor: Tensor) -> Float { erased.remove(tensor) ? 0 : 1 }

    private func fill(_ range: Range<Int>) {
        values.storage[range].update(repeating: 0)
    }

    /// The same parameters, with some weights laid out for products with their transpose as well: for a model that does not
    /// change any more. Costs their size in memory once more.
    public func packing(_ weights: [Tensor]) -> ParameterArena {
        guard PackedFactor.isOfUse else { return self }
        var packed = self
        for weight in weights {
            let (output, input) = (weight.shape[0], weight.shape[1])
            packed.panels[weight] = PackedFactor(
                Factor(self[weight], stride: input).transposed, rowCount: input, columnCount: output)
        }
        return packed
    }

    /// A weight as ``packing(_:)`` left it, [input, output].
    package func panels(of weight: Tensor) -> PackedFactor? { panels[weight] }
}

/// Tensors of an arena whose values count as zeros. An arena that is summed up is one thread's at a time, and so are these.
private final class ErasedTensors {
    /// Places in the arena, by where they begin.
    private var ranges: [Int: Range<Int>] = [:]

    @inline(never)  // Tests/thread-sanitizer names these functions.
    func insert(_ tensors: [Tensor]) {
        for tensor in tensors { ranges[tensor.range.lowerBound] = tensor.range }
    }

    /// - Returns: whether it was one of them.
    @inline(never)
    func remove(_ tensor: Tensor) -> Bool {
        !ranges.isEmpty && ranges.removeValue(forKey: tensor.range.lowerBound) != nil
    }

    @inline(never)
    func removeAll() -> [Range<Int>] {
        defer { ranges.removeAll(keepingCapacity: true) }
        return Array(ranges.values)
    }
}
