/// The columns of a block, in the order in which they are stored.
public enum Column: String, CaseIterable, Sendable {
    case lengths, sources, secondSegments, maskCounts, tokens, maskGaps
    case candidateCounts, headIDs, headGaps, originalGaps
    case raceCounts, tailCodes, changeCounts, winners, changeGaps
}

/// How many things a block holds: the bytes before its columns.
struct BlockCounts: Hashable {
    /// N.
    var sequences: UInt32
    /// L.
    var tokens: UInt32
    /// M.
    var maskedPositions: UInt32
    /// K.
    var candidates: UInt32
    /// D: masked positions that have a tail.
    var tails: UInt32
    /// R.
    var races: UInt32
    /// C.
    var leadChanges: UInt32

    static let byteCount = 28

    init(
        sequences: UInt32, tokens: UInt32, maskedPositions: UInt32, candidates: UInt32, tails: UInt32, races: UInt32,
        leadChanges: UInt32
    ) {
        self.sequences = sequences
        self.tokens = tokens
        self.maskedPositions = maskedPositions
        self.candidates = candidates
        self.tails = tails
        self.races = races
        self.leadChanges = leadChanges
    }

    init(_ block: SequenceBlock) {
        self.init(
            sequences: UInt32(block.sequenceCount), tokens: UInt32(block.tokenCount),
            maskedPositions: UInt32(block.maskedCount), candidates: UInt32(block.headIDs.count),
            tails: UInt32(block.tailCount), races: UInt32(block.raceCount),
            leadChanges: UInt32(block.changeCodes.count))
    }

    /// - Parameter content: At least ``byteCount`` bytes.
    init(content: UnsafeBufferPointer<UInt8>) {
        self.init(
            sequences: content.littleEndian(at: 0), tokens: content.littleEndian(at: 4),
            maskedPositions: content.littleEndian(at: 8), candidates: content.littleEndian(at: 12),
            tails: content.littleEndian(at: 16), races: content.littleEndian(at: 20),
            leadChanges: content.littleEndian(at: 24))
    }

    /// In the order in which they are stored.
    var all: [UInt32] { [sequences, tokens, maskedPositions, candidates, tails, races, leadChanges] }
}

/// Where each column of a block lies in its bytes: a pure function of the shape and the counts.
struct BlockLayout {
    struct Entry {
        var column: Column
        /// Bytes of an element, each in a plane of its own: all lowest bytes first, all highest last.
        var width: Int
        var count: Int
        var offset: Int

        var byteCount: Int { width * count }
    }

    let entries: [Entry]
    let byteCount: Int

    /// - Returns: nil if the columns would not fit in ``maximumByteCount``, or positions have no candidate.
    init?(shape: BlockShape, counts: BlockCounts) {
        guard counts.candidates >= counts.maskedPositions else { return nil }
        var entries: [Entry] = []
        var offset = UInt64(BlockCounts.byteCount)
        for column in Column.allCases {
            let width = column.holdsTokens ? shape.tokenWidth : 2
            // Counts and nodes are below 2^32 and 2^7: no product or sum passes 2^41.
            let count = counts.elements(of: column, nodeCount: UInt64(shape.nodeCount))
            let end = offset + UInt64(width) * count
            if end > UInt64(Self.maximumByteCount) { return nil }
            entries.append(Entry(column: column, width: width, count: Int(count), offset: Int(offset)))
            offset = end
        }
        self.entries = entries
        byteCount = Int(offset)
    }

    /// The largest block that the format allows, decompressed.
    static let maximumByteCount = 1 << 30

    subscript(column: Column) -> Entry {
        entries[Column.allCases.firstIndex(of: column) ?? 0]
    }
}

extension Column {
    /// Whether its elements are as wide as token ids.
    fileprivate var holdsTokens: Bool {
        switch self {
        case .tokens, .candidateCounts, .headIDs, .winners: true
        default: false
        }
    }
}

extension BlockCounts {
    fileprivate func elements(of column: Column, nodeCount: UInt64) -> UInt64 {
        switch column {
        case .lengths, .sources, .secondSegments, .maskCounts: UInt64(sequences)
        case .tokens: UInt64(tokens)
        case .maskGaps, .candidateCounts, .originalGaps, .raceCounts: UInt64(maskedPositions)
        case .headIDs: UInt64(candidates)
        case .headGaps: UInt64(candidates - maskedPositions)
        case .tailCodes: nodeCount * UInt64(tails)
        case .changeCounts: UInt64(races)
        case .winners: UInt64(races) + UInt64(leadChanges)
        case .changeGaps: UInt64(leadChanges)
        }
    }
}
