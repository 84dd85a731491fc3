/// The tokens of the largest logits.
///
/// Equal logits rank by id, lower first. A token's rank is that of its key, in which both are packed.
///
/// The row is divided into a few times as many groups as tokens are wanted. The `count`-th largest of the groups' maxima is a bound
/// that at least `count` logits reach, and hardly more: those are collected in a second pass, which seldom branches.
struct LargestLogits {
    /// [count] Keys, descending, after ``select(from:)``.
    private(set) var keys: [UInt64] = []
    private let count: Int
    /// Vectors of sixteen logits a strip; each of its lanes is a group. 0 where rows are too short for that.
    private let stripLength: Int
    /// [groups] The keys of the groups' maxima, without their ids.
    private var maxima: [UInt64] = []

    private static let groupsPerToken = 4

    init(count: Int, vocabularySize: Int) {
        self.count = count
        stripLength = vocabularySize / max(1, Self.groupsPerToken * count)
        keys.reserveCapacity(stripLength > 0 ? 4 * count : vocabularySize)
        maxima.reserveCapacity(2 * Self.groupsPerToken * count)
    }

    @inline(__always)
    static func key(_ logit: Float, _ id: Int) -> UInt64 {
        // Adding zero makes -0 the same as 0.
        let bits = (logit + 0).bitPattern
        let ordered = bits >> 31 == 1 ? ~bits : bits | 1 << 31
        return UInt64(ordered) << 32 | UInt64(~UInt32(truncatingIfNeeded: id))
    }

    @inline(__always)
    private static func logit(ofKey key: UInt64) -> Float {
        let ordered = UInt32(truncatingIfNeeded: key >> 32)
        return Float(bitPattern: ordered >> 31 == 1 ? ordered ^ 1 << 31 : ~ordered)
    }

    @inline(__always)
    static func id(ofKey key: UInt64) -> Int32 {
        Int32(truncatingIfNeeded: ~UInt32(truncatingIfNeeded: key))
    }

    /// Finds the `count` largest of at least as many logits.
    ///
    /// - Returns: Whether no logit is NaN.
    mutating func select(from logits: UnsafeBufferPointer<Float>) -> Bool {
        keys.removeAll(keepingCapacity: true)
        guard let bound = lowerBound(logits) else { return false }
        collect(logits, from: bound)
        Self.keepLargest(count, of: &keys)
        keys.sort(by: >)
        return true
    }

    /// A bound that at least `count` logits reach; nil if one is not a number.
    private mutating func lowerBound(_ logits: UnsafeBufferPointer<Float>) -> Float? {
        guard let base = UnsafeRawPointer(logits.baseAddress) else { return -.infinity }
        maxima.removeAll(keepingCapacity: true)
        let vectorCount = logits.count / 16
        var isNotNumber = SIMDMask<SIMD16<Int32>>(repeating: false)
        for start in stride(from: 0, to: vectorCount, by: max(1, stripLength)) {
            var largest = SIMD16<Float>(repeating: -.infinity)
            for vector in start..<min(start + max(1, stripLength), vectorCount) {
                let values = base.loadUnaligned(fromByteOffset: 64 * vector, as: SIMD16<Float>.self)
                isNotNumber .|= values .!= values
                largest = largest.replacing(with: values, where: values .> largest)
            }
            if stripLength > 0 {
                for lane in 0..<16 { maxima.append(Self.key(largest[lane], 0)) }
            }
        }
        if isAnySet(isNotNumber) { return nil }
        for rest in 16 * vectorCount..<logits.count where logits[rest].isNaN { return nil }
        guard stripLength > 0, count > 0, maxima.count >= count else { return -.infinity }
        Self.keepLargest(count, of: &maxima)
        return Self.logit(ofKey: maxima[count - 1])
    }

    private mutating func collect(_ logits: UnsafeBufferPointer<Float>, from bound: Float) {
        guard let base = UnsafeRawPointer(logits.baseAddress) else { return }
        var index = 0
        while index + 64 <= logits.count {
            let vectors = base.loadUnaligned(fromByteOffset: 4 * index, as: FourVectors.self)
            let reaches =
                (vectors.0 .>= bound) .| (vectors.1 .>= bound) .| (vectors.2 .>= bound) .| (vectors.3 .>= bound)
            if isAnySet(reaches) {
                for id in index..<index + 64 where logits[id] >= bound { keys.append(Self.key(logits[id], id)) }
            }
            index += 64
        }
        for id in index..<logits.count where logits[id] >= bound { keys.append(Self.key(logits[id], id)) }
    }

    /// Cuts `keys` down to the `count` largest, the smallest of them last (Hoare's selection).
    private static func keepLargest(_ count: Int, of keys: inout [UInt64]) {
        guard count > 0, keys.count > count else {
            if count == 0 { keys.removeAll(keepingCapacity: true) }
            return
        }
        keys.withUnsafeMutableBufferPointer { keys in
            var low = 0
            var high = keys.count - 1
            let target = count - 1
            while low < high {
                let middle = (low + high) / 2
                let pivot = max(min(keys[low], keys[high]), min(max(keys[low], keys[high]), keys[middle]))
                var left = low
                var right = high
                while left <= right {
                    while keys[left] > pivot { left += 1 }
                    while keys[right] < pivot { right -= 1 }
                    if left <= right {
                        keys.swapAt(left, right)
                        left += 1
                        right -= 1
                    }
                }
                if target <= right {
                    high = right
                } else if target >= left {
                    low = left
                } else {
                    break
                }
            }
        }
        keys.removeSubrange(count...)
    }
}

private typealias FourVectors = (SIMD16<Float>, SIMD16<Float>, SIMD16<Float>, SIMD16<Float>)

/// Whether any lane of the mask is set; `any` compares lane by lane.
@inline(__always)
private func isAnySet(_ mask: SIMDMask<SIMD16<Int32>>) -> Bool {
    let lanes = unsafeBitCast(mask, to: SIMD8<UInt64>.self)
    let four = lanes.lowHalf | lanes.highHalf
    let two = four.lowHalf | four.highHalf
    return two.x | two.y != 0
}
