/// A number of things dealt to so many parts: the parts' sizes differ by one at most, and each is a range.
package struct EvenShares {
    private let count: Int
    private let partCount: Int

    package init(of count: Int, among partCount: Int) {
        self.count = count
        self.partCount = partCount
    }

    package subscript(part: Int) -> Range<Int> {
        part * count / partCount..<(part + 1) * count / partCount
    }
}
