/// Sixteen floats at a time: a 512-bit register, or two of 256 bits.
@usableFromInline typealias Lanes = SIMD16<Float>

extension Lanes {
    /// Sixteen floats from `pointer` on, aligned or not.
    @inline(__always)
    init(_ pointer: UnsafePointer<Float>) {
        self = UnsafeRawPointer(pointer).loadUnaligned(as: Self.self)
    }

    /// The first `count` (< 16) floats from `pointer` on, `padding` in the other lanes.
    @inline(__always)
    init(_ pointer: UnsafePointer<Float>, count: Int, padding: Float = 0) {
        self.init(repeating: padding)
        for lane in 0..<count { self[lane] = pointer[lane] }
    }

    @inline(__always)
    func store(to pointer: UnsafeMutablePointer<Float>) {
        UnsafeMutableRawPointer(pointer).storeBytes(of: self, as: Self.self)
    }

    @inline(__always)
    func store(to pointer: UnsafeMutablePointer<Float>, count: Int) {
        for lane in 0..<count { pointer[lane] = self[lane] }
    }

    @inline(__always)
    func sumOfLanes() -> Float {
        let eight = lowHalf + highHalf
        let four = eight.lowHalf + eight.highHalf
        let two = four.lowHalf + four.highHalf
        return two.x + two.y
    }

    @inline(__always)
    func largestLane() -> Float {
        let eight = lowHalf.orLarger(highHalf)
        var largest = eight[0]
        for lane in 1..<8 { largest = Swift.max(largest, eight[lane]) }
        return largest
    }
}

/// `body(offset, nil)` for every sixteen of `count` elements, then `body(offset, n)` for the n that remain.
///
/// The tail goes through the same arithmetic as the rest, so a result does not depend on how far a row is from a
/// multiple of sixteen.
@inline(__always)
func forEachLanes(of count: Int, _ body: (_ offset: Int, _ tail: Int?) -> Void) {
    var offset = 0
    while offset + 16 <= count {
        body(offset, nil)
        offset += 16
    }
    if offset < count { body(offset, count - offset) }
}

extension UnsafePointer<Float> {
    @inline(__always)
    func lanes(at offset: Int, tail: Int?, padding: Float = 0) -> Lanes {
        if let tail { Lanes(self + offset, count: tail, padding: padding) } else { Lanes(self + offset) }
    }
}

extension UnsafeMutablePointer<Float> {
    @inline(__always)
    func lanes(at offset: Int, tail: Int?, padding: Float = 0) -> Lanes {
        UnsafePointer(self).lanes(at: offset, tail: tail, padding: padding)
    }

    @inline(__always)
    func store(_ lanes: Lanes, at offset: Int, tail: Int?) {
        if let tail { lanes.store(to: self + offset, count: tail) } else { lanes.store(to: self + offset) }
    }
}

// The larger of two in each lane. Not `pointwiseMax`, nor once for all types: generic comparisons go lane by lane (Swift 6.3).
extension SIMD16<Float> {
    @inline(__always)
    func orLarger(_ other: Self) -> Self { replacing(with: other, where: other .> self) }
}

extension SIMD8<Float> {
    @inline(__always)
    func orLarger(_ other: Self) -> Self { replacing(with: other, where: other .> self) }
}
