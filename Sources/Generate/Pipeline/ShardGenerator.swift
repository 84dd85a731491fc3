import Corpus
import Format
import Models
import Storage
import SystemPackage

/// Runs a fixed masked language model once over a corpus and writes a data set of shards.
///
/// Shards appear one by one, each whole; a run that was interrupted goes on behind the last block that it completed. The
/// bytes that are written depend on the text, the model and the header alone, not on threads and interruptions.
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

    /// Writes the shards that are missing, then the manifest; or the shards of one part alone.
    ///
    /// Several parts may be made at a time in one folder. A shard that another process is writing is refused.
    ///
    /// - Parameters:
    ///   - part: `nil` for all shards and the manifest.
    ///   - source: makes the corpus's sequences, anew for each pass that misses a shard; those behind a position, where it is
    ///     given one. It throws where the position is of no use.
    ///   - corpus: the identity of the corpus, the same on all machines and in all runs.
    ///   - input: the files that the sequences come from. No shard is completed after one of them has changed.
    /// - Throws: `CancellationError` if interrupted. Blocks that are complete stay beside the shards, and the same call goes
    ///   on behind them.
    public func generate<Source: SequenceSource>(
        part: DatasetPart? = nil, from source: (SequencePosition?) throws -> Source, corpus: String = "",
        input: FileSnapshot, progress: (GenerationProgress) -> Void, isInterrupted: () -> Bool
    ) throws -> GenerationSummary {
        _ = try header.checkedBlockSize()
        let parameters = parameters.packing(model.weights)
        try Folder(folder).create()
        let identity = try FolderIdentity(of: folder)
        let start = ContinuousClock.now
        var newTokens = 0
        let present = try PresentShards(in: folder, of: header, passes: passes)
        let positions = TextPositions(besideShards: folder, of: corpus)
        for pass in 0..<passes where !present.hasPass(pass) {
            var shardHeader = header
            shardHeader.pass = pass
            let workers = (0..<threads).map { _ in
                Worker(model, parameters: parameters, header: shardHeader, masking: masking)
            }
            var plan = PassPlan(
                pass: pass, sequencesOfShard: sequencesOfShard, part: part,
                end: present.sequencesOfPass ?? positions.end()?.sequences)
            let text = PassText(
                positions: positions, present: present, pass: pass, sequencesOfShard: sequencesOfShard, folder: folder)
            let before = newTokens
            newTokens =
                try before
                + make(
                    &plan, text, of: shardHeader, beside: present, from: source, input: input, to: identity,
                    workers: workers,
                    progress: { done, total, tokens in
                        progress(
                            GenerationProgress(
                                done: pass * total + done, total: passes * total, tokens: before + tokens))
                    }, isInterrupted: isInterrupted)
        }
        try identity.check()
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let made = try PresentShards(in: folder, of: header, passes: passes)
        if let part { return made.summary(of: part, corpus: corpus, newTokens: newTokens, seconds: seconds) }
        return try made.finish(corpus: corpus, newTokens: newTokens, seconds: seconds)
    }

    /// Makes the shards of a pass that are missing.
    ///
    /// - Returns: the tokens that went through the generator.
    private func make<Source: SequenceSource>(
        _ plan: inout PassPlan, _ text: PassText, of header: ShardHeader, beside present: PresentShards,
        from source: (SequencePosition?) throws -> Source, input: FileSnapshot, to identity: FolderIdentity,
        workers: [Worker], progress: (_ done: Int, _ total: Int, _ newTokens: Int) -> Void, isInterrupted: () -> Bool
    ) throws -> Int {
        var newTokens = 0
        var shardHeader = header
        var sequences: PassReader<Source>?
        while let first = plan.next(from: sequences?.count ?? 0, beside: present) {
            if isInterrupted() { throw CancellationError() }
            try identity.check()
            let before = sequences
            sequences = nil
            var reader = try read(input) {
                try text.reader(at: first, after: before, from: source, isInterrupted: isInterrupted)
            }
            if reader.count == first, !reader.isExhausted {
                shardHeader.firstSequence = first
                try identity.whileWorking {
                    try write(
                        shardHeader, from: &reader, positions: text.positions, input: input, to: identity,
                        workers: workers, isInterrupted: isInterrupted
                    ) {
                        newTokens += $0
                        progress($1.done, $1.total, newTokens)
                    }
                }
            }
            if reader.isExhausted { plan.end = reader.count }
            if reader.count == 0 { throw GenerationError(.noSequences, folder) }
            sequences = reader
        }
        return newTokens
    }

    /// In each shard but a pass's last.
    public static func sequencesOfShard(_ header: ShardHeader) -> UInt64 { UInt64(shardBlockCount * header.blockSize) }

    private var sequencesOfShard: UInt64 { Self.sequencesOfShard(header) }

    /// A text that cannot be read because it has changed since is reported as that.
    private func read<Result>(_ input: FileSnapshot, _ body: () throws -> Result) throws -> Result {
        do { return try body() } catch {
            try input.check()
            throw error
        }
    }

    private func write<Source: SequenceSource>(
        _ header: ShardHeader, from sequences: inout PassReader<Source>, positions: TextPositions, input: FileSnapshot,
        to identity: FolderIdentity, workers: [Worker], isInterrupted: () -> Bool,
        progress: (_ newTokens: Int, _ input: (done: Int, total: Int)) -> Void
    ) throws {
        // Nobody else makes the shard meanwhile.
        let claim = try FileClaim(onFile: folder.appending(header.fileName))
        defer { claim.release() }
        // Somebody may have made it since this run began.
        if Folder(folder).contains(header.fileName) {
            try requireOwnName(header)
            return try sequences.skip(limit: sequencesOfShard)
        }
        try sequences.keepPosition(in: positions)
        var writer = try ShardWriter(continuing: remains(of: header, holding: &sequences))
        try fill(&writer, from: &sequences, workers: workers, isInterrupted: isInterrupted, progress: progress)
        if !sequences.isExhausted, writer.blockCount < Self.shardBlockCount { throw CancellationError() }
        try input.check()
        try identity.check()
        try sequences.keepPosition(in: positions)
        try writer.commit(endingPass: sequences.isExhausted)
    }

    /// Refuses a file that has the name of this shard and is another one.
    private func requireOwnName(_ header: ShardHeader) throws {
        let path = folder.appending(header.fileName)
        let present = try ShardReader(path).header
        if present.fileName == header.fileName { return }
        throw ShardError(
            .mixedShards,
            "the file has the name of another shard: it holds pass \(present.pass) from sequence \(present.firstSequence)",
            at: ErrorLocation(file: path.string), remedy: "Remove it, and run the same `generate` command again")
    }

    /// Appends blocks until the shard is full or the pass ends.
    private func fill<Source: SequenceSource>(
        _ writer: inout ShardWriter, from sequences: inout PassReader<Source>, workers: [Worker],
        isInterrupted: () -> Bool, progress: (_ newTokens: Int, _ input: (done: Int, total: Int)) -> Void
    ) throws {
        let blockSize = writer.header.blockSize
        var blocks = writer.blockCount
        var position = sequences.progress
        try inOrder(threads: threads) { () -> Portion? in
            guard blocks < Self.shardBlockCount, !isInterrupted() else { return nil }
            blocks += 1
            let portion = try sequences.portion(of: blockSize)
            position = sequences.progress
            return portion.sequences.isEmpty ? nil : portion
        } work: { thread, portion in
            try workers[thread].generator.generate(portion.sequences, firstSequence: portion.first)
        } use: { block in
            let before = writer.counts.tokens
            try writer.append(block)
            progress(Int(writer.counts.tokens - before), position)
        }
    }

    /// The blocks that an interrupted run has left of a shard, as far as they hold the text that `sequences` has next.
    private func remains<Source: SequenceSource>(
        of header: ShardHeader, holding sequences: inout PassReader<Source>
    ) throws -> PartialShard {
        var remains = try PartialShard(of: folder.appending(header.fileName), header: header)
        while remains.blockCount < Self.shardBlockCount, let block = try remains.next() {
            let portion = try sequences.portion(of: header.blockSize)
            guard block.holds(portion.sequences) else {
                sequences.putBack(portion)
                break
            }
            remains.keep()
        }
        return remains
    }

    /// Touched by one thread at a time.
    final class Worker: @unchecked Sendable {
        let generator: BlockGenerator

        init(_ model: MaskedLanguageModel, parameters: ParameterArena, header: ShardHeader, masking: Masking) {
            generator = BlockGenerator(model, parameters: parameters, header: header, masking: masking)
        }
    }
}
