import Format

/// The sizes of the blocks of one shape.
struct LedgerTable {
    /// The least and the most of a position.
    let candidates: ClosedRange<Int>
    let visits: Int
    private(set) var columns: [Column: Int] = [:]
    private(set) var bytes = 0
    private(set) var maskedPositions = 0
    private(set) var leadChanges = 0
    private(set) var candidateCount = 0
    private(set) var raceCount = 0

    init(candidates: ClosedRange<Int>, visits: Int) {
        self.candidates = candidates
        self.visits = visits
    }

    /// Bytes of a block's entries in the block index and the seek table.
    private static let entryBytes = 28 + 12

    mutating func add(_ block: SequenceBlock, _ encoded: EncodedBlock) {
        for (column, size) in encoded.columnSizes { columns[column, default: 0] += size }
        bytes += encoded.frame.count + Self.entryBytes
        maskedPositions += block.maskedCount
        leadChanges += block.changeCodes.count
        candidateCount += block.headIDs.count
        raceCount += block.raceCount
    }

    mutating func add(_ other: LedgerTable) {
        columns.merge(other.columns, uniquingKeysWith: +)
        bytes += other.bytes
        maskedPositions += other.maskedPositions
        leadChanges += other.leadChanges
        candidateCount += other.candidateCount
        raceCount += other.raceCount
    }

    static let heading =
        "| k | visits | positions | candidates | races | changes a race | "
        + Column.allCases.map { "`\($0.rawValue)`" }.joined(separator: " | ") + " | rest | all |\n"
        + String(repeating: "|---:", count: Column.allCases.count + 8) + "|"

    var line: String {
        func each(_ size: Int) -> String { fixed(Double(size) / Double(max(1, maskedPositions)), 2) }
        let parts = Column.allCases.map { columns[$0] ?? 0 }
        return
            "| \(candidates.lowerBound)-\(candidates.upperBound) | \(visits) | \(maskedPositions) | \(each(candidateCount)) | "
            + "\(each(raceCount)) | \(fixed(Double(leadChanges) / Double(max(1, raceCount)), 2)) | "
            + parts.map(each).joined(separator: " | ") + " | \(each(bytes - parts.reduce(0, +))) | \(each(bytes)) |"
    }

    private func fixed(_ value: Double, _ places: Int) -> String {
        let scale = places == 2 ? 100.0 : 1.0
        return "\((value * scale).rounded() / scale)"
    }
}
