import Format
import Inspect
import Page
import Replay
import Storage
import SystemPackage
import Terminal

/// That a page was written.
struct PageReport: CommandResult {
    let page: String
    let bytes: Int
    let sequences: Int
    let sampledBlocks: Int
    let maskedPositions: Int
    let seed: UInt64

    var table: Table {
        Table([
            "page": "\(page), \(Quantity.bytes(bytes))",
            "shows":
                "\(Quantity.count(maskedPositions)) masked positions of \(Quantity.count(sampledBlocks)) blocks, "
                + "\(Quantity.count(sequences)) sequences to read, drawn with seed \(seed)",
        ])
    }
}

extension InspectCommand {
    /// Sequences of a page, and the bytes of its JSON that they may take.
    private static let readingLimit = (sequences: 64, bytes: 900_000)

    func writePage(
        to destination: PageDestination, named name: FilePath, _ report: DatasetReport, _ source: ShardSource,
        _ names: TokenNames
    ) throws -> PageReport {
        let temperatures = source.header.temperatureRange
        let start = temperature ?? temperatures.maximum
        _ = try ReplaySampler(source.header, seed: seed.seed).tempered(to: start)
        var limit = Self.readingLimit
        while true {
            let reading = try ReadingSample(
                source, blockSample(of: source), limit: limit.sequences, byteLimit: limit.bytes)
            let content = PageContent(
                report, reading: reading, seed: seed.seed, visit: visit, temperature: start, names: names)
            let html = Array(try InspectionPage(content).html.utf8)
            // Names of tokens come on top of the columns: how much, only the vocabulary knows.
            if html.count > InspectionPage.byteLimit, limit.bytes > 1000 {
                limit.bytes /= 2
                continue
            }
            try destination.write(html, toStandardOutput: OutputOptions.write)
            return PageReport(
                page: name.string.printable, bytes: html.count, sequences: reading.sequences.count,
                sampledBlocks: report.sample.blocks.count, maskedPositions: report.sample.maskedPositions,
                seed: seed.seed)
        }
    }
}
