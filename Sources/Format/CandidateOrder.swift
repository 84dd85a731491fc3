/// The order in which candidates are stored, rank by rank, beside that in which a block has them, position by position.
///
/// The elements of a rank lie together because they are alike, and a compressor needs that.
struct CandidateOrder {
    /// [K] Where each candidate of the block lies among those stored.
    private let storedIndices: [Int32]

    /// - Parameter offsets: [M + 1] Where each position's candidates start.
    init(offsets: [Int32]) {
        let total = Int(offsets[offsets.count - 1])
        var indices = [Int32](repeating: 0, count: total)
        // Positions that have a candidate of the rank.
        var positions = Array(0..<offsets.count - 1)
        var rank: Int32 = 0
        var stored: Int32 = 0
        while !positions.isEmpty {
            positions.removeAll { offsets[$0] + rank >= offsets[$0 + 1] }
            for position in positions {
                indices[Int(offsets[position] + rank)] = stored
                stored += 1
            }
            rank += 1
        }
        storedIndices = indices
    }

    /// Elements in the order of positions, from those in the order of ranks.
    func byPosition<Element>(_ stored: [Element]) -> [Element] {
        storedIndices.map { stored[Int($0)] }
    }

    /// Elements in the order of ranks, from those in the order of positions.
    func byRank<Element>(_ elements: [Element]) -> [Element] {
        guard let any = elements.first else { return [] }
        var stored = [Element](repeating: any, count: elements.count)
        for (index, element) in zip(storedIndices, elements) { stored[Int(index)] = element }
        return stored
    }
}
