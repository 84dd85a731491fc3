/// Distinct byte strings, numbered in the order they were added.
///
/// One arena for the bytes and open addressing over it: no allocation a string.
struct ByteStringTable: Sendable {
    private(set) var bytes: [UInt8] = []
    private(set) var ends: [Int] = []
    /// 1 + the string's number, 0 where free. A power of two of them, at most half of it in use.
    private var slots: [UInt32]

    init(minimumCapacity: Int = 16) {
        var capacity = 32
        while capacity < minimumCapacity * 2 { capacity *= 2 }
        slots = Array(repeating: 0, count: capacity)
    }

    var count: Int { ends.count }

    func range(_ index: Int) -> Range<Int> {
        (index == 0 ? 0 : ends[index - 1])..<ends[index]
    }

    subscript(index: Int) -> ArraySlice<UInt8> { bytes[range(index)] }

    /// The number of `string`, nil where it is not in the table.
    func index(of string: Span<UInt8>) -> Int? {
        let slot = slot(of: string)
        return slots[slot] == 0 ? nil : Int(slots[slot]) - 1
    }

    /// Adds `string` where it is new; its number, and whether it was.
    mutating func insert(_ string: Span<UInt8>) -> (index: Int, isNew: Bool) {
        let slot = slot(of: string)
        if slots[slot] != 0 { return (Int(slots[slot]) - 1, false) }
        for i in string.indices { bytes.append(string[i]) }
        ends.append(bytes.count)
        slots[slot] = UInt32(ends.count)
        if ends.count * 2 > slots.count { grow() }
        return (ends.count - 1, true)
    }

    private func slot(of string: Span<UInt8>) -> Int {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: Self.hash(string)) & mask
        while slots[slot] != 0, !isEqual(Int(slots[slot]) - 1, string) { slot = (slot + 1) & mask }
        return slot
    }

    private func isEqual(_ index: Int, _ string: Span<UInt8>) -> Bool {
        let range = range(index)
        guard range.count == string.count else { return false }
        for i in string.indices where bytes[range.lowerBound + i] != string[i] { return false }
        return true
    }

    private mutating func grow() {
        let mask = slots.count * 2 - 1
        var larger = [UInt32](repeating: 0, count: mask + 1)
        for index in ends.indices {
            var slot = Int(truncatingIfNeeded: Self.hash(bytes.span.extracting(range(index)))) & mask
            while larger[slot] != 0 { slot = (slot + 1) & mask }
            larger[slot] = UInt32(index + 1)
        }
        slots = larger
    }

    /// FNV-1a with a final mix, so that the low bits depend on every byte.
    private static func hash(_ string: Span<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for i in string.indices { hash = (hash ^ UInt64(string[i])) &* 0x0000_0100_0000_01B3 }
        return hash ^ (hash >> 32)
    }
}
