import Corpus
import Format
import Storage
import SystemPackage

/// Sequences of one block.
struct Portion: Sendable {
    let sequences: TokenSequences
    /// The number of the first within the pass.
    let first: UInt64
}

/// A source, one sequence ahead: whether a shard is its pass's last must be known when it is completed.
struct PassReader<Source: SequenceSource> {
    private var source: Source
    private var ahead: TokenSequence?
    private var returned: Portion?
    /// Sequences taken or skipped, without those that were put back.
    private(set) var count: UInt64
    /// Where the last of them ends, if the source can tell; while something is put back, where that ends.
    private(set) var position: SequencePosition?

    /// - Parameter count: sequences of the pass that `source` does not give any more.
    init(_ source: Source, behind count: UInt64 = 0) throws {
        self.source = source
        self.count = count
        position = source.position
        ahead = try self.source.next()
    }

    var isExhausted: Bool { ahead == nil && returned == nil }
    var progress: (done: Int, total: Int) { source.progress }

    /// The next `limit` sequences, fewer where the pass ends; or the portion that was put back.
    mutating func portion(of limit: Int) throws -> Portion {
        if let portion = returned {
            returned = nil
            count += UInt64(portion.sequences.count)
            return portion
        }
        let first = count
        var taken = TokenSequences()
        while taken.count < limit, let sequence = ahead {
            taken.append(sequence: sequence)
            try advance()
        }
        count += UInt64(taken.count)
        return Portion(sequences: taken, first: first)
    }

    private mutating func advance() throws {
        position = source.position
        ahead = try source.next()
    }

    /// Makes the portion that was read last the next one.
    mutating func putBack(_ portion: Portion) {
        precondition(returned == nil && portion.first + UInt64(portion.sequences.count) == count)
        count = portion.first
        returned = portion.sequences.isEmpty ? nil : portion
    }

    /// Passes over at most so many sequences.
    mutating func skip(limit: UInt64) throws {
        var skipped: UInt64 = 0
        while skipped < limit, ahead != nil {
            skipped += 1
            try advance()
        }
        count += skipped
    }

    /// Passes over the sequences of a shard that is there.
    mutating func skip(_ shard: Manifest.Entry, in folder: FilePath) throws {
        let end = count + shard.counts.sequences
        try skip(limit: shard.counts.sequences)
        if count < end || shard.endsPass != isExhausted {
            throw GenerationError(.otherText, folder.appending(shard.name))
        }
    }

    /// Keeps where the sequences taken so far end, if the source can tell.
    func keepPosition(in positions: TextPositions) throws {
        guard count > 0, let position else { return }
        // Text that was left out behind the last sequence is known at the end alone.
        try positions.keep(position, behind: count, counts: isExhausted ? source.textCounts ?? position.counts : nil)
    }
}

extension SequenceBlock {
    /// Whether the block is made of these sequences.
    func holds(_ sequences: TokenSequences) -> Bool {
        sequenceCount == sequences.count
            && sequences.indices.allSatisfy { row in
                let sequence = sequences.sequence(row)
                return tokens[tokenRange(ofSequence: row)].elementsEqual(sequence.tokens)
                    && Int(sources[row]) == sequence.source && Int(secondSegments[row]) == sequence.secondSegment
            }
    }
}
