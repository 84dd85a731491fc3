/// The one owner of a block of floats; everything else sees it through spans.
///
/// A reference, so that threads can share parameters to read and each write its own gradients. Whoever hands one to
/// several threads keeps writers apart; the type does not check.
public final class FloatBuffer: @unchecked Sendable {
    public let count: Int
    /// For owners of a buffer that lend spans under their own lifetime.
    package let storage: UnsafeMutableBufferPointer<Float>

    /// Floats a cache line holds: buffers start on a line, and tensors inside one are padded to it.
    public static let alignment = 16

    /// `count` zeros.
    public init(count: Int) {
        precondition(count >= 0)
        let bytes = UnsafeMutableRawPointer.allocate(
            byteCount: max(count, 1) * MemoryLayout<Float>.stride,
            alignment: Self.alignment * MemoryLayout<Float>.stride)
        storage = UnsafeMutableBufferPointer(
            start: bytes.bindMemory(to: Float.self, capacity: max(count, 1)), count: count)
        storage.initialize(repeating: 0)
        self.count = count
    }

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
