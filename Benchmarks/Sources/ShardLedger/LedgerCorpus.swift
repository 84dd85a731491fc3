import Corpus
import Distillation
import Format
import Foundation
import Kernels
import Models
import Random
import Storage
import SystemPackage

/// A masked corpus and the model that predicts it.
struct LedgerCorpus: Sendable {
    private let model: MaskedLanguageModel
    private let parameters: ParameterArena
    private let masking: Masking
    private let sequences: [[Int32]]
    private static let maximumLength = 128

    var vocabularySize: Int { model.configuration.vocabularySize }

    init(generator: FilePath, text: FilePath) throws {
        let tokenizer = try Tokenizer(folder: generator)
        (model, parameters) = try MaskedLanguageModel.load(from: generator)
        let special = tokenizer.vocabulary.special
        masking = Masking(
            probability: 0.15, maskToken: special.mask,
            specialTokens: Set(
                [special.padding, special.classification, special.separator, special.mask]
                    + [special.unknown].compactMap(\.self)))
        var source = try PackedSequences(
            of: DocumentReader([text]), tokenizer: tokenizer, maxLength: Self.maximumLength)
        var sequences: [[Int32]] = []
        while let sequence = try source.next() { sequences.append(sequence.tokens) }
        self.sequences = sequences
    }

    /// A table for each shape, over the corpus as often as it takes, each time masked anew.
    func ledger(
        _ shapes: [(candidates: ClosedRange<Int>, visits: Int)], positions: Int, level: Int, blockSize: Int
    ) throws -> [LedgerTable] {
        let threads = ProcessInfo.processInfo.activeProcessorCount
        let results = Results(count: threads)
        DispatchQueue.concurrentPerform(iterations: threads) { thread in
            var tables = shapes.map { LedgerTable(candidates: $0.candidates, visits: $0.visits) }
            let outcome = Result {
                try fill(&tables, thread: thread, of: threads, positions: positions / threads, level, blockSize)
                return tables
            }
            results.set(outcome, at: thread)
        }
        var total = shapes.map { LedgerTable(candidates: $0.candidates, visits: $0.visits) }
        for tables in try results.all() {
            for (index, table) in tables.enumerated() { total[index].add(table) }
        }
        return total
    }

    private func fill(
        _ tables: inout [LedgerTable], thread: Int, of threads: Int, positions: Int, _ level: Int, _ blockSize: Int
    ) throws {
        let encoder = BlockEncoder(level: level)
        var pass = 0
        while tables[0].maskedPositions < positions {
            let builders = try tables.map { BlockBuilder(try header($0, pass: pass, blockSize: blockSize)) }
            let blocks = stride(from: thread * blockSize, to: sequences.count, by: threads * blockSize)
            for first in blocks where tables[0].maskedPositions < positions {
                try forEachPosition(of: first..<min(first + blockSize, sequences.count), pass: pass) {
                    sequence, position, isFirst, logits in
                    for builder in builders {
                        if isFirst { builder.start(sequences[sequence]) }
                        try builder.append(&logits, position, sequence)
                    }
                }
                for (index, builder) in builders.enumerated() {
                    tables[index].add(builder.block, encoder.encode(builder.block))
                    builder.block.removeAll()
                }
            }
            pass += 1
        }
    }

    /// Predicts the masked positions of some sequences.
    ///
    /// - Parameter body: Is given sequence, position, whether the sequence starts, and [V] logits.
    private func forEachPosition(
        of range: Range<Int>, pass: Int, _ body: (Int, Int, Bool, inout [Float]) throws -> Void
    ) throws {
        let batchSize = 8
        let workspace = EncoderWorkspace(
            model.configuration, tokenCapacity: batchSize * Self.maximumLength, longestSequence: Self.maximumLength,
            use: .inference)
        let prediction = PredictionWorkspace(model.configuration, rowCapacity: batchSize * Self.maximumLength)
        let stream = RandomStream(seed: 1, purpose: .masking)
        var logits = [Float](repeating: 0, count: vocabularySize)
        for first in stride(from: range.lowerBound, to: range.upperBound, by: batchSize) {
            var batch = TokenBatch()
            var rows: [Int32] = []
            var places: [(sequence: Int, position: Int, isFirst: Bool)] = []
            for number in first..<min(first + batchSize, range.upperBound) {
                let positions = masking.positions(
                    in: sequences[number], stream: stream, pass: UInt32(pass), sequence: UInt64(number))
                rows += positions.map { Int32(batch.count) + $0 }
                places += positions.enumerated().map { (number, Int($1), $0 == 0) }
                batch.append(masking.masked(sequences[number], at: positions).span, number: 0)
            }
            model.encoder.forward(batch, arena: parameters, workspace: workspace)
            model.predict(at: rows.span, of: workspace.output, arena: parameters, workspace: prediction)
            for (row, place) in places.enumerated() {
                copy(prediction.logits, row * vocabularySize, into: &logits)
                try body(place.sequence, place.position, place.isFirst, &logits)
            }
        }
    }

    private func copy(_ logits: FloatBuffer, _ start: Int, into row: inout [Float]) {
        let source = logits.span(start..<start + row.count)
        for index in row.indices { row[index] = source[index] }
    }

    private func header(_ table: LedgerTable, pass: Int, blockSize: Int) throws -> ShardHeader {
        var header = try ShardHeader(
            vocabularySize: vocabularySize, vocabularySHA256: String(repeating: "0", count: 64),
            generatorSHA256: String(repeating: "0", count: 64),
            specialTokens: Format.SpecialTokens(padding: 0, classification: 2, separator: 3, mask: 4),
            maximumLength: Self.maximumLength, maskProbability: masking.probability, seed: 1,
            keeping: table.candidates, visits: table.visits, over: TemperatureRange(from: 1, to: 2),
            blockSize: blockSize)
        header.pass = pass
        return header
    }

    /// Writes a cache of plain logits: [positions, V] in 16-bit floats, less the largest of each row.
    func writeHalfPrecision(positions: Int, to path: FilePath) throws {
        var bytes: [UInt8] = []
        var count = 0
        for first in stride(from: 0, to: sequences.count, by: 16) where count < positions {
            try forEachPosition(of: first..<min(first + 16, sequences.count), pass: 0) { _, _, _, logits in
                let largest = logits.max() ?? 0
                for logit in logits {
                    let bits = Float16(logit - largest).bitPattern
                    bytes.append(UInt8(truncatingIfNeeded: bits))
                    bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
                }
                count += 1
            }
        }
        try DurableFile.write(bytes, to: path)
        print("fp16: \(count) positions, \(bytes.count / max(1, count)) bytes each before zstd")
    }
}

/// The results of each thread.
private final class Results: @unchecked Sendable {
    private var outcomes: [Result<[LedgerTable], any Error>?]
    private let lock = NSLock()

    init(count: Int) { outcomes = Array(repeating: nil, count: count) }

    func set(_ outcome: Result<[LedgerTable], any Error>, at thread: Int) {
        lock.withLock { outcomes[thread] = outcome }
    }

    func all() throws -> [[LedgerTable]] { try lock.withLock { try outcomes.compactMap { try $0?.get() } } }
}

/// The block of one shape, as it grows.
private final class BlockBuilder {
    private let distillation: HeadAndRaces
    var block: SequenceBlock

    init(_ header: ShardHeader) {
        distillation = HeadAndRaces(header)
        block = SequenceBlock(shape: header.blockShape)
    }

    func start(_ sequence: [Int32]) {
        block.appendSequence(sequence.span)
    }

    func append(_ logits: inout [Float], _ position: Int, _ sequence: Int) throws {
        var row = logits.mutableSpan
        try distillation.append(&row, atPosition: position, ofSequence: UInt64(sequence), to: &block)
    }
}
