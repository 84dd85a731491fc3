/// The tokens of the largest logits, found in one pass.
///
/// Equal logits rank by id, lower first. A token's rank is that of its key, in which both are packed.
struct LargestLogits {
    /// [count] Keys, descending, after ``select(from:)``.
    private(set) var keys: [UInt64]
    private let count: Int
    /// Keys are cut down to `count` whenever there are so many.
    private let capacity: Int
    /// The smallest logit that is kept: one that only equals it ranks below all that are kept, for tokens come by ascending id.
    private var threshold = -Float.infinity
    private var isFull = false

    init(count: Int, vocabularySize: Int) {
        self.count = count
        capacity = min(vocabularySize, max(64, 3 * count))
        keys = []
        keys.reserveCapacity(capacity + 1)
    }

    @inline(__always)
    static func key(_ logit: Float, _ id: Int) -> UInt64 {
        // Adding zero makes -0 the same as 0.
        let bits = (logit + 0).bitPattern
        let ordered = bits >> 31 == 1 ? ~bits : bits | 1 << 31
        return UInt64(ordered) << 32 | UInt64(~UInt32(truncatingIfNeeded: id))
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
        threshold = -.infinity
        isFull = false
        guard let base = UnsafeRawPointer(logits.baseAddress) else { return true }
        var isNotNumber = SIMDMask<SIMD16<Int32>>(repeating: false)
        var index = 0
        while index + 64 <= logits.count {
            let vectors = base.loadUnaligned(fromByteOffset: 4 * index, as: FourVectors.self)
            isNotNumber .|= vectors.0 .!= vectors.0
            isNotNumber .|= vectors.1 .!= vectors.1
            isNotNumber .|= vectors.2 .!= vectors.2
            isNotNumber .|= vectors.3 .!= vectors.3
            let isAbove =
                (vectors.0 .> threshold) .| (vectors.1 .> threshold) .| (vectors.2 .> threshold)
                .| (vectors.3 .> threshold)
            if !isFull || isAnySet(isAbove) {
                for start in stride(from: index, to: index + 64, by: 16) {
                    let vector = base.loadUnaligned(fromByteOffset: 4 * start, as: SIMD16<Float>.self)
                    if !isFull || isAnySet(vector .> threshold) { consider(logits, start..<start + 16) }
                }
            }
            index += 64
        }
        var isNumber = !isAnySet(isNotNumber)
        for rest in index..<logits.count where logits[rest].isNaN { isNumber = false }
        consider(logits, index..<logits.count)
        keepLargest()
        keys.sort(by: >)
        return isNumber
    }
    private mutating func consider(_ logits: UnsafeBufferPointer<Float>, _ range: Range<Int>) {
        for index in range where !isFull || logits[index] > threshold {
            keys.append(Self.key(logits[index], index))
            if keys.count > capacity {
                keepLargest()
                threshold = logits[Int(Self.id(ofKey: keys[count - 1]))]
                isFull = true
            }
        }
    }

    /// Cuts ``keys`` down to the `count` largest, the smallest of them last (Hoare's selection).
    private mutating func keepLargest() {
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
