import CLibrary

/// The one owner of a block of floats; everything else sees it through spans.
///
/// It is one thread's: activations, gradients and scratch memory never leave the worker that they were made for. Memory that
/// several threads share is in a type that says why that is safe, as `ParameterArena` and ``PackedFactor`` do.
public final class FloatBuffer {
    public let count: Int
    /// For owners of a buffer that lend spans under their own lifetime.
    package let storage: UnsafeMutableBufferPointer<Float>

    var address: UnsafeMutablePointer<Float> { storage.baseAddress! }

    /// Floats a cache line holds: buffers start on a line, and tensors inside one are padded to it.
    public static let alignment = 16

    /// `count` zeros.
    public init(count: Int) {
        precondition(count >= 0)
        let byteCount = max(count, 1) * MemoryLayout<Float>.stride
        let isLarge = byteCount >= Self.largePage
        let bytes = UnsafeMutableRawPointer.allocate(
            byteCount: byteCount, alignment: isLarge ? Self.largePage : Self.alignment * MemoryLayout<Float>.stride)
        #if os(Linux)
            // A hint: a walk through a matrix by columns touches a page a row.
            if isLarge { madvise(bytes, byteCount, MADV_HUGEPAGE) }
        #endif
        storage = UnsafeMutableBufferPointer(
            start: bytes.bindMemory(to: Float.self, capacity: max(count, 1)), count: count)
        storage.initialize(repeating: 0)
        self.count = count
    }

    /// Bytes of a large page on x86-64 and most others.
    private static let largePage = 1 << 21

    deinit {
        UnsafeMutableRawPointer(storage.baseAddress!).deallocate()
    }

    public var span: Span<Float> {
        @_lifetime(borrow self)
        get { _overrideLifetime(storage.span, borrowing: self) }
    }

    public var mutableSpan: MutableSpan<Float> {
        @_lifetime(borrow self)
        get { _overrideLifetime(storage.mutableSpan, borrowing: self) }
    }

    @_lifetime(borrow self)
    public func span(_ range: Range<Int>) -> Span<Float> {
        _overrideLifetime(UnsafeBufferPointer(rebasing: storage[range]).span, borrowing: self)
    }

    @_lifetime(borrow self)
    public func mutableSpan(_ range: Range<Int>) -> MutableSpan<Float> {
        _overrideLifetime(UnsafeMutableBufferPointer(rebasing: storage[range]).mutableSpan, borrowing: self)
    }

    public func fill(with value: Float) {
        storage.update(repeating: value)
    }
}
