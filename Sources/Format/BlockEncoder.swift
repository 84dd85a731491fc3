/// A block as it stands in a shard: one zstd frame, and what the shard's index says about it.
public struct EncodedBlock: Sendable, Hashable {
    /// The zstd frame.
    public let frame: [UInt8]
    /// Bytes of the frame's content.
    let contentSize: UInt32
    let counts: BlockCounts
    /// Bytes of the frame that each column takes, compressed. What is missing to the frame's size is the counts' and the frame's own.
    public let columnSizes: [Column: Int]

    /// The frame's content checksum: its last four bytes.
    var checksum: UInt32 { frame.littleEndian(at: frame.count - 4) }
}

/// Turns blocks into frames. The bytes depend on the block, the level and the version of zstd alone, so any number of
/// workers may each have an encoder.
public final class BlockEncoder {
    private let compressor: FrameCompressor

    /// The zstd level used unless another is asked for: 4 % smaller than 9 for 8 µs a masked position instead of 2, beside
    /// hundreds that its logits cost.
    public static let defaultLevel = 17

    public init(level: Int = BlockEncoder.defaultLevel) {
        compressor = FrameCompressor(level: level)
    }

    /// - Precondition: Every masked position has all its races.
    public func encode(_ block: SequenceBlock) -> EncodedBlock {
        precondition(block.winnerOffsets.count == block.maskedCount * block.shape.raceCount + 1)
        let counts = BlockCounts(
            sequences: UInt32(block.sequenceCount), tokens: UInt32(block.tokenCount),
            maskedPositions: UInt32(block.maskedCount), leadChanges: UInt32(block.changeCodes.count))
        guard let layout = BlockLayout(shape: block.shape, counts: counts) else {
            preconditionFailure("a block of \(counts) is larger than the format allows: make blocks smaller")
        }
        var content: [UInt8] = []
        content.reserveCapacity(layout.byteCount)
        for count in [counts.sequences, counts.tokens, counts.maskedPositions, counts.leadChanges] {
            content.append(littleEndian: count)
        }
        var pieces = [0..<content.count]
        var columns: [Column?] = [nil]
        for entry in layout.entries {
            let elements = block.elements(of: entry.column)
            precondition(elements.count == entry.count)
            for plane in 0..<entry.width {
                let start = content.count
                content.append(contentsOf: elements.lazy.map { UInt8(truncatingIfNeeded: $0 >> (8 * plane)) })
                pieces.append(start..<content.count)
                columns.append(entry.column)
            }
        }
        let (frame, pieceSizes) = compressor.compress(content, pieces: pieces)
        var columnSizes: [Column: Int] = [:]
        for (column, size) in zip(columns, pieceSizes) {
            if let column { columnSizes[column, default: 0] += size }
        }
        return EncodedBlock(
            frame: frame, contentSize: UInt32(content.count), counts: counts, columnSizes: columnSizes)
    }
}

extension SequenceBlock {
    /// The integers of a column as they are stored.
    fileprivate func elements(of column: Column) -> [UInt32] {
        switch column {
        case .lengths: zip(tokenOffsets.dropFirst(), tokenOffsets).map { UInt32($0 - $1) }
        case .maskCounts: zip(maskOffsets.dropFirst(), maskOffsets).map { UInt32($0 - $1) }
        case .tokens: tokens.map(UInt32.init)
        case .maskGaps: maskGaps
        case .headIDs: byRank(from: 0) { UInt32(headIDs[$0]) }
        case .headGaps: byRank(from: 1) { UInt32(headCodes[$0] - headCodes[$0 - 1]) }
        case .tailCodes: tailDifferences
        case .changeCounts: zip(winnerOffsets.dropFirst(), winnerOffsets).map { UInt32($0 - $1 - 1) }
        case .winners: winners.map(UInt32.init)
        case .changeGaps: changeGaps
        }
    }

    /// Tokens between a masked position and the one before it (or the sequence's start).
    private var maskGaps: [UInt32] {
        (0..<sequenceCount).flatMap { row in
            var next: Int32 = 0
            return maskedPositions[maskedRange(ofSequence: row)].map { position in
                defer { next = position + 1 }
                return UInt32(position - next)
            }
        }
    }

    /// All masked positions' elements of one rank, then those of the next.
    private func byRank(from first: Int, _ element: (Int) -> UInt32) -> [UInt32] {
        let size = shape.headSize
        if first >= size || maskedCount == 0 { return [] }
        return (first..<size).flatMap { rank in
            (0..<maskedCount).map { element($0 * size + rank) }
        }
    }

    /// Node after node: differences to what the nodes before predict, with the sign in the lowest bit.
    private var tailDifferences: [UInt32] {
        let size = shape.tailNodeCount
        let prediction = TailPrediction(nodes: shape.tailNodes)
        return tailCodes.withUnsafeBufferPointer { codes in
            guard let base = codes.baseAddress else { return [] }
            return (0..<size).flatMap { node in
                (0..<maskedCount).map { masked in
                    let position = base + masked * size
                    let difference = position[node] &- prediction.code(ofNode: node, from: position)
                    return UInt32(UInt16(bitPattern: difference << 1 ^ difference >> 15))
                }
            }
        }
    }

    /// Parts between a lead change and the one before it in its race (or the range's start), less one.
    private var changeGaps: [UInt32] {
        var gaps: [UInt32] = []
        gaps.reserveCapacity(changeCodes.count)
        for masked in 0..<maskedCount {
            for race in 0..<shape.raceCount {
                var next: UInt16 = 1
                for change in changeRange(ofMasked: masked, race: race) {
                    gaps.append(UInt32(changeCodes[change] - next))
                    next = changeCodes[change] + 1
                }
            }
        }
        return gaps
    }
}
