/// The tokens of the largest logits, found in one pass.
///
/// Equal logits rank by id, lower first. A token's rank is that of its key, in which both are packed.
struct LargestLogits {
    /// [count] Keys, descending, after ``select(from:)``.
    private(set) var keys: [UInt64]
    private let count: Int

    init(count: Int, vocabularySize: Int) {
        self.count = count
        keys = []
        keys.reserveCapacity(min(vocabularySize, max(512, 4 * count)) + 16)
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
        let capacity = min(logits.count, max(512, 4 * count))
        // Tokens come by ascending id, so one whose logit only equals the threshold ranks below all that are kept.
        var threshold = -Float.infinity
        var isFull = false
        var isNotNumber = SIMDMask<SIMD16<Int32>>(repeating: false)
        var index = 0
        let whole = logits.count & ~15
        let base = UnsafeRawPointer(logits.baseAddress)
        while index < whole, let base {
            let vector = base.loadUnaligned(fromByteOffset: 4 * index, as: SIMD16<Float>.self)
            isNotNumber .|= vector .!= vector
            if !isFull || any(vector .> threshold) {
                for lane in 0..<16 where !isFull || logits[index + lane] > threshold {
                    keys.append(Self.key(logits[index + lane], index + lane))
                }
                if keys.count >= capacity {
                    keepLargest()
                    threshold = logits[Int(Self.id(ofKey: keys[count - 1]))]
                    isFull = true
                }
            }
            index += 16
        }
        var isNumber = !any(isNotNumber)
        while index < logits.count {
            isNumber = isNumber && !logits[index].isNaN
            if !isFull || logits[index] > threshold { keys.append(Self.key(logits[index], index)) }
            index += 1
        }
        keepLargest()
        keys.sort(by: >)
        return isNumber
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
