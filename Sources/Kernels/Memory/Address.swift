// Where a span begins, for the kernels in C. The caller of a function keeps the memory that it lends alive and to itself until
// the function returns, so an address is good for the body of the function that was given the span, and nowhere else.

extension Span<Float> {
    var address: UnsafePointer<Float> { withUnsafeBufferPointer { $0.baseAddress ?? nowhere } }
}

extension MutableSpan<Float> {
    var address: UnsafeMutablePointer<Float> {
        mutating get { withUnsafeMutableBufferPointer { $0.baseAddress ?? UnsafeMutablePointer(mutating: nowhere) } }
    }
}

/// The address of no elements; nothing is read or written there.
private nonisolated(unsafe) let nowhere = UnsafePointer(UnsafeMutablePointer<Float>.allocate(capacity: 1))
