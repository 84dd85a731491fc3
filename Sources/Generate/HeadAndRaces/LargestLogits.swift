/// The tokens of the largest logits, and those that come next.
///
/// Equal logits rank by id, lower first. A token's rank is that of its key, in which both are packed.
///
/// The row is divided into groups, and the largest logit of each is found first. What the maxima of n groups reach is a bound that
/// at least n logits reach, and not many more: one pass without a branch says which logits are worth collecting in a second. A
/// group's tokens are far apart, since vocabularies are sorted by frequency and neighbours are likely together.
struct LargestLogits {
    /// [count] Keys, descending, after ``select(from:)``.
    private(set) var keys: [UInt64] = []
    /// The other tokens whose logits reach ``bound``, in an order that depends on the row alone.
    private(set) var next: [Int32] = []
    /// All tokens with logits as large are in ``keys`` or ``next``; minus infinity where that is all tokens.
    private(set) var bound = -Float.infinity
    private let count: Int
    /// [strips] The largest logits of sixteen groups each: strip s has every sixteen tokens whose number, divided by sixteen, leaves
    /// s. Empty where rows are too short for groups.
    private var maxima: [SIMD16<Float>]
    /// [V + 16] Scratch: tokens whose logits reach the bound.
    private var collected: [Int32]

    init(count: Int, vocabularySize: Int) {
        self.count = count
        let stripCount = max(256, 2 * count) / 16
        maxima = [SIMD16<Float>](repeating: .zero, count: vocabularySize >= 64 * stripCount ? stripCount : 0)
        collected = [Int32](repeating: 0, count: vocabularySize + 16)
        keys.reserveCapacity(2 * count)
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
        guard findMaxima(of: logits) else { return false }
        // Of seven groups in ten, which together have some 1.2 logits a group that reach their maxima.
        bound = bound(reachedBy: max(count, maxima.count * 16 * 7 / 10))
        let upper = bound(reachedBy: count)
        let found = collect(logits)
        keys.removeAll(keepingCapacity: true)
        next.removeAll(keepingCapacity: true)
        for index in 0..<found {
            let id = collected[index]
            let logit = logits[Int(id)]
            if logit >= upper { keys.append(Self.key(logit, Int(id))) } else { next.append(id) }
        }
        keys.sort(by: >)
        for key in keys.dropFirst(count) { next.append(Self.id(ofKey: key)) }
        keys.removeSubrange(min(count, keys.count)...)
        return true
    }

    /// - Returns: Whether no logit is NaN.
    private mutating func findMaxima(of logits: UnsafeBufferPointer<Float>) -> Bool {
        guard let base = UnsafeRawPointer(logits.baseAddress) else { return true }
        let vectorCount = logits.count / 16
        var isNotNumber = SIMDMask<SIMD16<Int32>>(repeating: false)
        maxima.withUnsafeMutableBufferPointer { maxima in
            maxima.update(repeating: SIMD16(repeating: -.infinity))
            var vector = 0
            while vector < vectorCount {
                // Without groups one pass still looks for what is no number.
                for strip in 0..<min(max(1, maxima.count), vectorCount - vector) {
                    let values = base.loadUnaligned(fromByteOffset: 64 * (vector + strip), as: SIMD16<Float>.self)
                    isNotNumber .|= values .!= values
                    if strip < maxima.count {
                        let largest = maxima[strip]
                        maxima[strip] = largest.replacing(with: values, where: values .> largest)
                    }
                }
                vector += max(1, maxima.count)
            }
        }
        if isAnySet(isNotNumber) { return false }
        for rest in 16 * vectorCount..<logits.count where logits[rest].isNaN { return false }
        return true
    }

    /// A bound that the maxima of `groups` groups reach, if possible of few more: by bisection, which needs no order.
    private func bound(reachedBy groups: Int) -> Float {
        var largest = SIMD16<Float>(repeating: -.infinity)
        for values in maxima { largest = largest.replacing(with: values, where: values .> largest) }
        var unreached = (0..<16).reduce(-Float.infinity) { max($0, largest[$1]) }
        // What lies lower by so much has no part in anything.
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
        var counts = SIMD16<Int32>.zero
        for values in maxima { counts = counts.replacing(with: counts &+ 1, where: values .>= bound) }
        return Int(counts.wrappedSum())
    }

    /// Writes the tokens whose logits reach ``bound`` to ``collected``, by id.
    ///
    /// - Returns: How many there are.
    private mutating func collect(_ logits: UnsafeBufferPointer<Float>) -> Int {
        guard let base = UnsafeRawPointer(logits.baseAddress) else { return 0 }
        let bound = bound
        return collected.withUnsafeMutableBufferPointer { collected in
            var found = 0
            var index = 0
            while index + 16 <= logits.count {
                let vector = base.loadUnaligned(fromByteOffset: 4 * index, as: SIMD16<Float>.self)
                if isAnySet(vector .>= bound) {
                    // Written always, kept where it counts: which lanes do cannot be foreseen.
                    for id in index..<index + 16 {
                        collected[found] = Int32(truncatingIfNeeded: id)
                        found &+= logits[id] >= bound ? 1 : 0
                    }
                }
                index += 16
            }
            for id in index..<logits.count where logits[id] >= bound {
                collected[found] = Int32(truncatingIfNeeded: id)
                found += 1
            }
            return found
        }
    }
}

/// Whether any lane of the mask is set; `any` compares lane by lane.
@inline(__always)
private func isAnySet(_ mask: SIMDMask<SIMD16<Int32>>) -> Bool {
    let lanes = unsafeBitCast(mask, to: SIMD8<UInt64>.self)
    let four = lanes.lowHalf | lanes.highHalf
    let two = four.lowHalf | four.highHalf
    return two.x | two.y != 0
}
