/// A block as it stands in a shard: one zstd frame, and its values in the shard's index.
public struct EncodedBlock: Sendable, Hashable {
    /// The zstd frame.
    public let frame: [UInt8]
    /// Bytes of the frame's content.
    let contentSize: UInt32
    let counts: BlockCounts
    /// The source of the sequences, as the block index gives it.
    let source: UInt32
    /// Bytes of the frame that each column takes, compressed. The rest of the frame's size belongs to the counts and to the frame
    /// itself.
    public let columnSizes: [Column: Int]

    /// How many sequences, tokens and masked positions it has.
    public var total: Counts {
        Counts(
            sequences: UInt64(counts.sequences), tokens: UInt64(counts.tokens),
            maskedPositions: UInt64(counts.maskedPositions))
    }

    /// The bytes that it adds to a shard: its frame, and its entry in the index and in the seek table.
    public var byteCountInShard: Int { frame.count + BlockIndex.Entry.byteCount + SeekTable.entrySize }

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

    /// - Precondition: Every masked position that has a tail has races.
    public func encode(_ block: SequenceBlock) -> EncodedBlock {
        precondition(zip(block.raceOffsets.dropFirst(), block.raceOffsets).count { $0 > $1 } == block.tailCount)
        let counts = BlockCounts(block)
        guard let layout = BlockLayout(shape: block.shape, counts: counts) else {
            preconditionFailure("a block of \(counts) is larger than the format allows: make blocks smaller")
        }
        var content: [UInt8] = []
        content.reserveCapacity(layout.byteCount)
        for count in counts.all { content.append(littleEndian: count) }
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
            frame: frame, contentSize: UInt32(content.count), counts: counts,
            source: BlockIndex.Entry.source(of: block.sources), columnSizes: columnSizes)
    }
}

extension SequenceBlock {
    /// The integers of a column as they are stored.
    fileprivate func elements(of column: Column) -> [UInt32] {
        switch column {
        case .lengths: counts(tokenOffsets)
        case .sources: sources.map(UInt32.init)
        case .secondSegments: secondSegments.map(UInt32.init)
        case .maskCounts: counts(maskOffsets)
        case .tokens: tokens.map(UInt32.init)
        case .maskGaps: maskGaps
        case .candidateCounts: counts(candidateOffsets)
        case .headIDs: CandidateOrder(offsets: candidateOffsets).byRank(headIDs.map(UInt32.init))
        case .headGaps: Array(CandidateOrder(offsets: candidateOffsets).byRank(headGaps).dropFirst(maskedCount))
        case .originalGaps: originalGaps
        case .raceCounts: counts(raceOffsets)
        case .tailCodes: tailDifferences
        case .changeCounts: zip(winnerOffsets.dropFirst(), winnerOffsets).map { UInt32($0 - $1 - 1) }
        case .winners: winners.map(UInt32.init)
        case .changeGaps: changeGaps
        }
    }

    private func counts(_ offsets: [Int32]) -> [UInt32] {
        zip(offsets.dropFirst(), offsets).map { UInt32($0 - $1) }
    }

    /// How far each candidate's code lies above that of the one before; 0 for the first of a position.
    private var headGaps: [UInt32] {
        (0..<maskedCount).flatMap { masked in
            let candidates = candidateRange(ofMasked: masked)
            return candidates.map { $0 == candidates.lowerBound ? 0 : UInt32(headCodes[$0] - headCodes[$0 - 1]) }
        }
    }

    private var originalGaps: [UInt32] {
        (0..<maskedCount).map { masked in
            if originalRanks[masked] >= 0 { return 0 }
            if originalCodes[masked] == Quantization.headZero { return UInt32(Quantization.headZero) }
            return UInt32(originalCodes[masked] - headCodes[candidateRange(ofMasked: masked).upperBound - 1]) + 1
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

    /// Node after node: differences to the predictions from the nodes before, with the sign in the lowest bit.
    private var tailDifferences: [UInt32] {
        let size = shape.nodeCount
        let prediction = TailPrediction(places: shape.nodePlaces)
        return tailCodes.withUnsafeBufferPointer { codes in
            guard let base = codes.baseAddress else { return [] }
            return prediction.order.enumerated().flatMap { stored, node in
                (0..<tailCount).map { tail in
                    let position = base + tail * size
                    let difference = position[node] &- prediction.code(storedAt: stored, from: position)
                    return UInt32(bitPattern: difference << 1 ^ difference >> 31)
                }
            }
        }
    }

    /// Parts between a lead change and the one before it in its race (or the range's start), less one.
    private var changeGaps: [UInt32] {
        var gaps: [UInt32] = []
        gaps.reserveCapacity(changeCodes.count)
        for race in 0..<raceCount {
            var next: UInt16 = 1
            for change in changeRange(ofRace: race) {
                gaps.append(UInt32(changeCodes[change] - next))
                next = changeCodes[change] &+ 1
            }
        }
        return gaps
    }
}
