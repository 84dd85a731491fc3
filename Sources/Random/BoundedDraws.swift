/// Bounded numbers and shuffles from random bits.
///
/// Masks are made of them, and shards must come out the same with every compiler. `Int.random(in:using:)` and
/// `shuffled(using:)` of Swift's standard library may change between releases, so these stand in their place. They give
/// the same numbers as Swift 6.3.
extension RandomStream.Draws {
    /// An integer of a range that is not empty, each one equally likely.
    ///
    /// The high half of a full-width product; the few products whose low half would favor some integers are drawn again.
    /// Source: Lemire, "Fast random integer generation in an interval", ACM TOMACS 29, 2019, algorithm 5.
    @inlinable
    public mutating func integer(in range: Range<Int>) -> Int {
        precondition(!range.isEmpty)
        let count = UInt64(truncatingIfNeeded: range.upperBound &- range.lowerBound)
        var product = next().multipliedFullWidth(by: count)
        if product.low < count {
            let rejected = (0 &- count) % count
            while product.low < rejected { product = next().multipliedFullWidth(by: count) }
        }
        return range.lowerBound &+ Int(truncatingIfNeeded: product.high)
    }

    /// The elements in random order: Fisher-Yates, from the first place on.
    @inlinable
    public mutating func shuffled<Element>(_ elements: some Sequence<Element>) -> [Element] {
        var shuffled = Array(elements)
        for index in shuffled.indices.dropLast() { shuffled.swapAt(index, integer(in: index..<shuffled.count)) }
        return shuffled
    }
}
