import Encoder
import Format
import Kernels
import Storage
import SystemPackage

/// Runs a fixed masked language model once over a corpus and writes a data set of shards.
///
/// Shards appear one by one, each whole; a run that was interrupted goes on with the first one missing.
public struct ShardGenerator: Sendable {
    /// Blocks of a shard: with 256 sequences a block, 16,384 sequences, some 15 MB at the usual settings.
    static let shardBlockCount = 64

    public let model: MaskedLanguageModel
    public let parameters: ParameterArena
    /// Of the first shard; pass and first sequence vary.
    public let header: ShardHeader
    public let masking: Masking
    public let passes: Int
    public let threads: Int
    /// The data set's folder.
    public let folder: FilePath

    public init(
        _ model: MaskedLanguageModel, parameters: ParameterArena, header: ShardHeader, masking: Masking, passes: Int,
        threads: Int, folder: FilePath
    ) {
        self.model = model
        self.parameters = parameters
        self.header = header
        self.masking = masking
        self.passes = passes
        self.threads = threads
        self.folder = folder
    }

    /// Writes the shards that are missing, then the manifest.
    ///
    /// - Parameter source: makes the corpus's sequences, anew for each pass.
    /// - Throws: `CancellationError` if interrupted; the shard in hand is lost, those before it stay.
    public func generate<Source: SequenceSource>(
        from source: () throws -> Source, progress: (GenerationProgress) -> Void, isInterrupted: () -> Bool
    ) throws -> GenerationSummary {
        LinearAlgebraBackend.useOneThreadPerCall()
        let parameters = parameters.packing(model.weights)
        try Folder(folder).create()
        let start = ContinuousClock.now
        var newTokens = 0
        for pass in 0..<passes {
            var shardHeader = header
            shardHeader.pass = pass
            let workers = (0..<threads).map { _ in
                Worker(model, parameters: parameters, header: shardHeader, masking: masking)
            }
            var sequences = try PassReader(source())
            while !sequences.isExhausted {
                shardHeader.firstSequence = sequences.count
                if isInterrupted() { throw CancellationError() }
                if try hasShard(shardHeader) {
                    try sequences.skip(Self.shardBlockCount * header.blockSize)
                } else {
                    try write(shardHeader, from: &sequences, workers: workers, isInterrupted: isInterrupted) {
                        newTokens += $0
                        let (done, total) = $1
                        progress(
                            GenerationProgress(done: pass * total + done, total: passes * total, tokens: newTokens))
                    }
                }
            }
            if sequences.count == 0 { throw GenerationError(.noSequences, folder) }
        }
        let manifest = try Manifest(scanning: folder)
        try manifest.write(to: folder)
        return GenerationSummary(
            counts: manifest.shards.reduce(into: Counts()) { $0 += $1.counts }, passes: passes,
            shards: manifest.shards.count, bytes: manifest.shards.reduce(0) { $0 + $1.byteCount },
            newTokens: newTokens, seconds: (ContinuousClock.now - start) / .seconds(1))
    }

    /// Whether the shard of this header is there; one that is there with another header is an error.
    private func hasShard(_ header: ShardHeader) throws -> Bool {
        guard Folder(folder).contains(header.fileName) else { return false }
        let shard = try ShardReader(folder.appending(header.fileName))
        try shard.requireBelonging(to: header, of: "this command")
        return shard.header.pass == header.pass && shard.header.firstSequence == header.firstSequence
    }

    private func write<Source: SequenceSource>(
        _ header: ShardHeader, from sequences: inout PassReader<Source>, workers: [Worker], isInterrupted: () -> Bool,
        progress: (_ newTokens: Int, _ input: (done: Int, total: Int)) -> Void
    ) throws {
        var writer = try ShardWriter(folder.appending(header.fileName), header: header)
        var blocks = 0
        var reader = sequences
        var input = reader.progress
        try inOrder(threads: threads) { () -> Portion? in
            if isInterrupted() { throw CancellationError() }
            guard blocks < Self.shardBlockCount else { return nil }
            blocks += 1
            let first = reader.count
            let portion = try reader.take(header.blockSize)
            input = reader.progress
            return portion.isEmpty ? nil : Portion(sequences: portion, first: first)
        } work: { thread, portion in
            try workers[thread].generator.generate(portion.sequences, firstSequence: portion.first)
        } use: { block in
            let before = writer.counts.tokens
            try writer.append(block)
            progress(Int(writer.counts.tokens - before), input)
        }
        sequences = reader
        guard writer.counts.sequences > 0 else { return }
        try writer.commit(endingPass: sequences.isExhausted)
    }

    /// Sequences of one block.
    private struct Portion: Sendable {
        let sequences: [[Int32]]
        let first: UInt64
    }

    /// Touched by one thread at a time.
    private final class Worker: @unchecked Sendable {
        let generator: BlockGenerator

        init(_ model: MaskedLanguageModel, parameters: ParameterArena, header: ShardHeader, masking: Masking) {
            generator = BlockGenerator(model, parameters: parameters, header: header, masking: masking)
        }
    }
}

/// A source, one sequence ahead: whether a shard is its pass's last must be known when it is completed.
private struct PassReader<Source: SequenceSource> {
    private var source: Source
    private var ahead: [Int32]?
    /// Sequences taken or skipped.
    private(set) var count: UInt64 = 0

    init(_ source: Source) throws {
        self.source = source
        ahead = try self.source.next()
    }

    var isExhausted: Bool { ahead == nil }
    var progress: (done: Int, total: Int) { source.progress }

    mutating func take(_ limit: Int) throws -> [[Int32]] {
        var taken: [[Int32]] = []
        while taken.count < limit, let sequence = ahead {
            taken.append(sequence)
            ahead = try source.next()
        }
        count += UInt64(taken.count)
        return taken
    }

    mutating func skip(_ limit: Int) throws {
        var skipped = 0
        while skipped < limit, ahead != nil {
            skipped += 1
            ahead = try source.next()
        }
        count += UInt64(skipped)
    }
}
