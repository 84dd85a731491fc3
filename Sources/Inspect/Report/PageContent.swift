import Format

/// The content of a page: the summary, and sequences with all data that their replay needs.
package struct PageContent: Encodable {
    package struct TokenText: Encodable {
        package let name: String
        /// As it stands in a text, where the token before it belongs to the same word or not.
        package let text: String
        package let startsWord: Bool
    }

    package private(set) var report: DatasetReport
    package let sampledBlocks: Int
    /// Integers that may be above 2^53 are text.
    package let maskingSeed: String
    package let seed: String
    package let visit: Int
    package let temperature: Double
    package let reading: ReadingSample
    /// By id.
    package let tokens: [String: TokenText]

    package init(
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
