import ArgumentParser
import Corpus
import Format
import Foundation
import SystemPackage

/// Bytes a masked position, column by column, for every number of candidates and of independent visits: the table of `docs/ledger/shards.md`.
@main
struct ShardLedger: ParsableCommand {
    @Option(help: "Hugging Face folder of the masked language model.")
    var generator: String

    @Option(help: "UTF-8 text.")
    var text: String

    @Option(help: "Candidates of a position, at most.")
    var topK = [1, 16]

    @Option(help: "Independent visits.")
    var races = [1, 4, 8]

    @Option(help: "Masked positions, at least.")
    var positions = 1_000_000

    @Option(help: "Masked positions at which all logits are kept, at least; 0 leaves that out.")
    var densePositions = 1000

    @Option(help: "zstd's level.")
    var level = BlockEncoder.defaultLevel

    @Option(help: "Sequences in a block.")
    var blockSize = 1024

    @Option(help: "A file to write the logits of the dense positions to, in 16-bit floats, for zstd to compress.")
    var halfPrecision: String?

    func run() throws {
        let corpus = try LedgerCorpus(generator: FilePath(generator), text: FilePath(text))
        let shapes = topK.flatMap { size in races.map { (candidates: 1...size, visits: $0) } }
        let ledger = try corpus.ledger(
            shapes, positions: positions, level: level, blockSize: blockSize)
        print(LedgerTable.heading)
        for row in ledger { print(row.line) }
        if densePositions > 0 {
            let dense = try corpus.ledger(
                [(corpus.vocabularySize...corpus.vocabularySize, 0)], positions: densePositions, level: level,
                blockSize: 16)
            for row in dense { print(row.line) }
        }
        if let halfPrecision {
            try corpus.writeHalfPrecision(positions: densePositions, to: FilePath(halfPrecision))
        }
    }
}
