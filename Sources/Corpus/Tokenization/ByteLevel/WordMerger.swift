import HeapModule

/// Merges the symbols of one word until no pair of neighbors is in the table: byte-pair encoding (Sennrich et al. 2016).
///
/// Of pairs of the same rank the leftmost is merged first, as in Hugging Face's `tokenizers`.
struct WordMerger {
    /// Above this many symbols a queue finds the next pair. Below, looking at all of them is faster.
    private static let shortWord = 48

    private let table: MergeTable
    private var symbols: [Int32] = []
    /// The merge of each symbol with the next one, where there is one.
    private var ranks: [Int32] = []
    private static let none = Int32.max

    init(_ table: MergeTable) { self.table = table }

    /// Merges the symbols of `word`'s bytes, which `alphabet` has, and appends the symbols that are left to `ids`.
    mutating func merge(_ word: Span<UInt8>, _ alphabet: [Int32], into ids: inout [Int32]) {
        symbols.removeAll(keepingCapacity: true)
        for index in word.indices { symbols.append(alphabet[Int(word[index])]) }
        if symbols.count <= Self.shortWord { mergeShort() } else { mergeLong() }
        ids += symbols
    }

    private mutating func mergeShort() {
        ranks.removeAll(keepingCapacity: true)
        for index in symbols.indices { ranks.append(rank(at: index)) }
        while true {
            var best = 0
            for index in ranks.indices where ranks[index] < ranks[best] { best = index }
            guard best < ranks.count, ranks[best] != Self.none,
                let merge = table[symbols[best], symbols[best + 1]]
            else { return }
            symbols[best] = merge.symbol
            symbols.remove(at: best + 1)
            ranks.remove(at: best + 1)
            ranks[best] = rank(at: best)
            if best > 0 { ranks[best - 1] = rank(at: best - 1) }
        }
    }

    private func rank(at index: Int) -> Int32 {
        guard index + 1 < symbols.count else { return Self.none }
        return table[symbols[index], symbols[index + 1]]?.rank ?? Self.none
    }

    /// A pair, and its symbols when it was queued.
    private struct Candidate: Comparable {
        let merge: MergeTable.Merge
        let left: Int
        let leftSymbol: Int32
        let rightSymbol: Int32

        static func < (a: Candidate, b: Candidate) -> Bool { (a.merge.rank, a.left) < (b.merge.rank, b.left) }
        static func == (a: Candidate, b: Candidate) -> Bool { (a.merge.rank, a.left) == (b.merge.rank, b.left) }
    }

    /// With a queue and links between the symbols that are left, so that a word of n bytes takes n log n steps: text may
    /// have words of any length.
    private mutating func mergeLong() {
        let gone: Int32 = -1
        let count = symbols.count
        var next = Array(1...count)
        var previous = Array(-1..<(count - 1))
        var queue = Heap<Candidate>()
        func candidate(_ left: Int) -> Candidate? {
            guard left >= 0, next[left] < count else { return nil }
            let (a, b) = (symbols[left], symbols[next[left]])
            return table[a, b].map { Candidate(merge: $0, left: left, leftSymbol: a, rightSymbol: b) }
        }
        queue.insert(contentsOf: (0..<count).compactMap(candidate))
        while let top = queue.popMin() {
            let right = next[top.left]
            // The pair may be gone, or another one by now.
            guard symbols[top.left] == top.leftSymbol, right < count, symbols[right] == top.rightSymbol else {
                continue
            }
            symbols[top.left] = top.merge.symbol
            symbols[right] = gone
            next[top.left] = next[right]
            if next[right] < count { previous[next[right]] = top.left }
            for left in [previous[top.left], top.left] {
                if let candidate = candidate(left) { queue.insert(candidate) }
            }
        }
        symbols.removeAll { $0 == gone }
    }
}
