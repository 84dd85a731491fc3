import HeapModule

/// Words as symbols, and the merging of the most frequent pair of neighbors in all of them at once (Sennrich et al.
/// 2016, algorithm 1), with counts kept up to date instead of taken anew.
struct PairMerger {
    struct Pair: Hashable, Comparable {
        let left: Int32
        let right: Int32

        static func < (a: Pair, b: Pair) -> Bool { (a.left, a.right) < (b.left, b.right) }
    }

    /// A pair with its count when it was queued.
    private struct Candidate: Comparable {
        let count: Int
        let pair: Pair

        /// The most frequent pair is the greatest; of those the one with the lowest symbols, for a definite order.
        static func < (a: Candidate, b: Candidate) -> Bool {
            a.count != b.count ? a.count < b.count : a.pair > b.pair
        }
    }

    private struct Occurrences {
        var count = 0
        /// The words that may hold the pair; it may have gone from some since.
        var words: [Int32] = []
    }

    private var words: [[Int32]]
    private let wordCounts: [Int]
    private var pairs: [Pair: Occurrences] = [:]
    private var queue = Heap<Candidate>()

    /// `words` as symbols and how often each occurs.
    init(words: [[Int32]], counts: [Int]) {
        self.words = words
        wordCounts = counts
        for (index, word) in words.enumerated() {
            for pair in Self.pairs(of: word) { add(index, to: pair) }
        }
        queue.insert(contentsOf: pairs.map { Candidate(count: $1.count, pair: $0) })
    }

    /// Takes the most frequent pair out of the queue; nil when none occurs `minimum` times.
    mutating func popMostFrequent(atLeast minimum: Int) -> Pair? {
        while let top = queue.popMax() {
            let count = pairs[top.pair]?.count ?? 0
            if count == top.count { return count >= minimum ? top.pair : nil }
            // Counts that grew were queued when they did; one that fell is queued again with its new value.
            if count >= minimum, count < top.count { queue.insert(Candidate(count: count, pair: top.pair)) }
        }
        return nil
    }

    /// Replaces `pair` by `symbol` in all words.
    mutating func merge(_ pair: Pair, into symbol: Int32) {
        var grown: Set<Pair> = []
        for word in pairs[pair]?.words ?? [] {
            let index = Int(word)
            let merged = Self.merge(pair, into: symbol, in: words[index])
            if merged.count == words[index].count { continue }
            for old in Self.pairs(of: words[index]) { pairs[old]?.count -= wordCounts[index] }
            words[index] = merged
            for new in Self.pairs(of: merged) {
                if new.left == symbol || new.right == symbol {
                    add(index, to: new)
                    grown.insert(new)
                } else {
                    pairs[new]?.count += wordCounts[index]
                }
            }
        }
        pairs[pair] = nil
        for new in grown { queue.insert(Candidate(count: pairs[new]?.count ?? 0, pair: new)) }
    }

    private mutating func add(_ word: Int, to pair: Pair) {
        let count = wordCounts[word]
        let index = Int32(word)
        func update(_ occurrences: inout Occurrences) {
            occurrences.count += count
            if occurrences.words.last != index { occurrences.words.append(index) }
        }
        update(&pairs[pair, default: Occurrences()])
    }

    private static func pairs(of word: [Int32]) -> some Sequence<Pair> {
        zip(word, word.dropFirst()).lazy.map { Pair(left: $0, right: $1) }
    }

    /// From left to right: of three equal symbols the first two are a pair.
    private static func merge(_ pair: Pair, into symbol: Int32, in word: [Int32]) -> [Int32] {
        var merged: [Int32] = []
        merged.reserveCapacity(word.count)
        var position = 0
        while position < word.count {
            if position + 1 < word.count, word[position] == pair.left, word[position + 1] == pair.right {
                merged.append(symbol)
                position += 2
            } else {
                merged.append(word[position])
                position += 1
            }
        }
        return merged
    }
}
