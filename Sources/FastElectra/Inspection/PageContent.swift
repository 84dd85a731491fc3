import Format
import Inspect
import Terminal

/// What a page shows: the summary, and sequences with all that replaying them takes.
struct PageContent: CommandResult {
    struct TokenText: Encodable {
        let name: String
        /// As it stands in a text, where the token before it belongs to the same word or not.
        let text: String
        let startsWord: Bool
    }

    private(set) var report: DatasetReport
    let sampledBlocks: Int
    /// Integers that may be above 2^53 are text.
    let maskingSeed: String
    let seed: String
    let visit: Int
    let temperature: Double
    let reading: ReadingSample
    /// By id.
    let tokens: [String: TokenText]

    var table: Table { report.table }

    init(
        _ report: DatasetReport, reading: ReadingSample, seed: UInt64, visit: UInt16, temperature: Double,
        names: TokenNames
    ) {
        self.report = report
        self.report.sample = report.sample.cut()
        sampledBlocks = report.sample.blocks.count
        maskingSeed = String(report.header.seed)
        self.seed = String(seed)
        self.visit = Int(visit)
        self.temperature = temperature
        self.reading = reading
        tokens = Dictionary(
            uniqueKeysWithValues: reading.tokenIDs.map { id in
                let piece = names.piece(id)
                return (
                    String(id), TokenText(name: names.name(of: id), text: piece.text, startsWord: piece.startsWord)
                )
            })
    }
}
