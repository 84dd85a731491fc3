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
        _overrideLifetime(
            UnsafeMutableBufferPointer(rebasing: values.storage[tensor.range]).mutableSpan, borrowing: self)
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
