/// The columns of a block, in the order in which they are stored.
public enum Column: String, CaseIterable, Sendable {
    case lengths, maskCounts, tokens, maskGaps, headIDs, headGaps, tailCodes, changeCounts, winners, changeGaps
}

/// How many things a block holds: the sixteen bytes before its columns.
struct BlockCounts: Hashable {
    /// N.
    var sequences: UInt32
    /// L.
    var tokens: UInt32
    /// M.
    var maskedPositions: UInt32
    /// C.
    var leadChanges: UInt32

    static let byteCount = 16
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

    /// - Returns: nil if the columns would not fit in ``maximumByteCount``.
    init?(shape: BlockShape, counts: BlockCounts) {
        let sequences = UInt64(counts.sequences)
        let masked = UInt64(counts.maskedPositions)
        let races = masked.multipliedReportingOverflow(by: UInt64(shape.raceCount))
        var entries: [Entry] = []
        var offset = UInt64(BlockCounts.byteCount)
        for column in Column.allCases {
            let width: UInt64 =
                switch column {
                case .tokens, .headIDs, .winners: UInt64(shape.tokenWidth)
                default: 2
                }
            let (rows, perRow): (UInt64, UInt64) =
                switch column {
                case .lengths, .maskCounts: (sequences, 1)
                case .tokens: (UInt64(counts.tokens), 1)
                case .maskGaps: (masked, 1)
                case .headIDs: (masked, UInt64(shape.headSize))
                case .headGaps: (masked, UInt64(max(0, shape.headSize - 1)))
                case .tailCodes: (masked, UInt64(shape.tailNodeCount))
                case .changeCounts: (races.partialValue, 1)
                case .winners: (races.partialValue &+ UInt64(counts.leadChanges), 1)
                case .changeGaps: (UInt64(counts.leadChanges), 1)
                }
            let count = rows.multipliedReportingOverflow(by: perRow)
            let size = count.partialValue.multipliedReportingOverflow(by: width)
            let end = offset.addingReportingOverflow(size.partialValue)
            if races.overflow || count.overflow || size.overflow || end.overflow
                || end.partialValue > UInt64(Self.maximumByteCount)
            {
                return nil
            }
            entries.append(
                Entry(column: column, width: Int(width), count: Int(count.partialValue), offset: Int(offset)))
            offset = end.partialValue
        }
        self.entries = entries
        byteCount = Int(offset)
    }

    /// The largest block that version 1 allows, decompressed.
    static let maximumByteCount = 1 << 30

    subscript(column: Column) -> Entry {
        entries[Column.allCases.firstIndex(of: column) ?? 0]
    }
}
