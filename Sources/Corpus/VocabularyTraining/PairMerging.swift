import HeapModule

/// Byte-pair encoding on the pieces of words: the most frequent pair of neighbours becomes one piece, again and again
/// (Sennrich et al. 2016), with `##` before pieces that continue a word, as Hugging Face's `WordPieceTrainer` does it.
struct PairMerging {
    private struct Word {
        var pieces: [Int32]
        let count: Int
    }

    private struct Pair: Hashable {
        let first: Int32
        let second: Int32
    }

    /// A pair and how often it occurred when it was put in the queue.
    private struct Candidate: Comparable {
        let count: Int
        let pair: Pair

        /// More frequent pairs come first, then those of smaller ids: the result does not depend on hashing.
        static func < (left: Candidate, right: Candidate) -> Bool {
            if left.count != right.count { return left.count < right.count }
            return (right.pair.first, right.pair.second) < (left.pair.first, left.pair.second)
        }
    }

    /// By id.
    private(set) var pieces: [String]
    private var ids: [String: Int32]
    private var words: [Word]
    private var counts: [Pair: Int] = [:]
    /// The words that a pair has occurred in; some may have lost it since.
    private var occurrences: [Pair: Set<Int32>] = [:]
    private var queue = Heap<Candidate>()

    /// Pairs that occur less often are not merged.
    static let minimumCount = 2

    init(alphabet: [String], words: [(pieces: [Int32], count: Int)]) {
        pieces = alphabet
        ids = Dictionary(uniqueKeysWithValues: alphabet.enumerated().map { ($1, Int32($0)) })
        self.words = words.map { Word(pieces: $0.pieces, count: $0.count) }
        for index in self.words.indices { addPairs(ofWord: index) }
        queue = Heap(counts.map { Candidate(count: $0.value, pair: $0.key) })
    }

    /// Merges the most frequent pair; `false` where none is frequent enough.
    mutating func mergeNext() -> Bool {
        while let candidate = queue.popMax() {
            let count = counts[candidate.pair] ?? 0
            if count != candidate.count {
                if count >= Self.minimumCount { queue.insert(Candidate(count: count, pair: candidate.pair)) }
                continue
            }
            if count < Self.minimumCount { return false }
            merge(candidate.pair)
            return true
        }
        return false
    }

    private mutating func merge(_ pair: Pair) {
        let piece = pieces[Int(pair.first)] + pieces[Int(pair.second)].dropFirst(2)
        let id = ids[piece] ?? Int32(pieces.count)
        if id == pieces.count {
            ids[piece] = id
            pieces.append(piece)
        }
        var changed: Set<Pair> = []
        for index in occurrences.removeValue(forKey: pair) ?? [] {
            let index = Int(index)
            removePairs(ofWord: index)
            words[index].pieces = Self.merged(words[index].pieces, pair, into: id)
            addPairs(ofWord: index)
            for (first, second) in zip(words[index].pieces, words[index].pieces.dropFirst())
            where first == id || second == id {
                changed.insert(Pair(first: first, second: second))
            }
        }
        for pair in changed { queue.insert(Candidate(count: counts[pair] ?? 0, pair: pair)) }
    }

    private static func merged(_ pieces: [Int32], _ pair: Pair, into id: Int32) -> [Int32] {
        var merged: [Int32] = []
        var index = 0
        while index < pieces.count {
            if index + 1 < pieces.count, pieces[index] == pair.first, pieces[index + 1] == pair.second {
                merged.append(id)
                index += 2
            } else {
                merged.append(pieces[index])
                index += 1
            }
        }
        return merged
    }

    private mutating func addPairs(ofWord index: Int) {
        let word = words[index]
        for (first, second) in zip(word.pieces, word.pieces.dropFirst()) {
            let pair = Pair(first: first, second: second)
            counts[pair, default: 0] += word.count
            occurrences[pair, default: []].insert(Int32(index))
        }
    }

    private mutating func removePairs(ofWord index: Int) {
        let word = words[index]
        for (first, second) in zip(word.pieces, word.pieces.dropFirst()) {
            counts[Pair(first: first, second: second), default: 0] -= word.count
        }
    }
}
