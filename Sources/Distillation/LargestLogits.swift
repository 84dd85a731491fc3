import CKernels
import KernelChoice

/// The tokens of the largest logits, and those that come next.
///
/// Equal logits rank by id, lower first. A token's rank is that of its key, in which both are packed:
/// the smallest key has the largest logit.
///
/// The row is divided into groups, and the largest logit of each is found first. If the maxima of n groups reach a bound, then at
/// least n logits reach it, and not many more: one pass without a branch says which logits are worth collecting in a second. A
/// group's tokens are far apart, since vocabularies are sorted by frequency and neighbors are likely together.
struct LargestLogits {
    /// [count] Keys, ascending, after ``select(from:)``.
    private(set) var keys: [UInt64] = []
    /// The other tokens whose logits reach ``bound``, in an order that depends on the row alone.
    private(set) var next: [Int32] = []
    /// All tokens with logits as large are in ``keys`` or ``next``; minus infinity where that is all tokens.
    private(set) var bound = -Float.infinity
    private let count: Int
    /// [16 · strips] The largest logit of each group: strip s has every sixteen tokens whose number, divided by sixteen, leaves s.
    /// Empty where rows are too short for groups.
    private var maxima: [Float]
    /// [V + 16] Scratch: tokens whose logits reach the bound.
    private var collected: [Int32]

    init(count: Int, vocabularySize: Int) {
        self.count = count
        let stripCount = max(256, 2 * count) / 16
        maxima = [Float](repeating: 0, count: vocabularySize >= 64 * stripCount ? 16 * stripCount : 0)
        collected = [Int32](repeating: 0, count: vocabularySize + 16)
        keys.reserveCapacity(2 * count)
    }

    @inline(__always)
    static func key(_ logit: Float, _ id: Int) -> UInt64 {
        // Adding zero makes -0 the same as 0.
        let bits = (logit + 0).bitPattern
        let descending = bits >> 31 == 1 ? bits : ~(bits | 1 << 31)
        return UInt64(descending) << 32 | UInt64(UInt32(truncatingIfNeeded: id))
    }

    @inline(__always)
    static func id(ofKey key: UInt64) -> Int32 {
        Int32(truncatingIfNeeded: key)
    }

    /// Finds the `count` largest of at least as many logits.
    ///
    /// - Returns: Whether no logit is NaN.
    mutating func select(from logits: UnsafeBufferPointer<Float>) -> Bool {
        guard let start = logits.baseAddress, kernels.find_maxima(start, logits.count, &maxima, maxima.count / 16)
        else {
            return false
        }
        // Of seven groups in ten, which together have some 1.2 logits a group that reach their maxima.
        bound = bound(reachedBy: max(count, maxima.count * 7 / 10))
        let upper = bound(reachedBy: count)
        let found = kernels.collect(start, logits.count, bound, &collected)
        keys.removeAll(keepingCapacity: true)
        next.removeAll(keepingCapacity: true)
        for index in 0..<found {
            let id = collected[index]
            let logit = logits[Int(id)]
            if logit >= upper { keys.append(Self.key(logit, Int(id))) } else { next.append(id) }
        }
        keys.sort()
        for key in keys.dropFirst(count) { next.append(Self.id(ofKey: key)) }
        keys.removeSubrange(min(count, keys.count)...)
        return true
    }

    /// A bound that the maxima of `groups` groups reach, if possible of few more: by bisection, which needs no order.
    private func bound(reachedBy groups: Int) -> Float {
        var unreached = maxima.reduce(-Float.infinity) { $1 > $0 ? $1 : $0 }
        // Logits that lie so much lower have no part in anything.
        var reached = unreached - 64
        guard unreached.isFinite, count(reaching: reached) >= groups else { return -.infinity }
        for _ in 0..<16 {
            let middle = (reached + unreached) / 2
            let count = count(reaching: middle)
            if count >= groups {
                reached = middle
                if count <= groups + groups / 8 { break }
            } else {
                unreached = middle
            }
        }
        return reached
    }

    private func count(reaching bound: Float) -> Int {
        kernels.count_reaching(maxima, maxima.count, bound)
    }
}
