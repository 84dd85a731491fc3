import Corpus
import Format
import Models
import Storage
import SystemPackage

/// Runs a fixed masked language model once over a corpus and writes a data set of shards.
///
/// Shards appear one by one, each whole; a run that was interrupted goes on behind the last block that it completed. What is
/// written depends on the text, the model and the header alone, not on threads and interruptions.
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
    /// - Parameters:
    ///   - source: makes the corpus's sequences, anew for each pass that misses a shard; those behind a position, where it is
    ///     given one. It throws where the position is of no use.
    ///   - corpus: what identifies the corpus, whatever the machine and the run.
    ///   - input: the files that the sequences come from. No shard is completed after one of them has changed.
    /// - Throws: `CancellationError` if interrupted. Blocks that are complete stay beside the shards, and the same call goes
    ///   on behind them.
    public func generate<Source: SequenceSource>(
        from source: (SequencePosition?) throws -> Source, corpus: String = "", input: FileSnapshot,
        progress: (GenerationProgress) -> Void, isInterrupted: () -> Bool
    ) throws -> GenerationSummary {
        _ = try header.checkedBlockSize()
        let parameters = parameters.packing(model.weights)
        try Folder(folder).create()
        let identity = try FolderIdentity(of: folder)
        let start = ContinuousClock.now
        var newTokens = 0
        let present = try PresentShards(in: folder, of: header, passes: passes)
        for pass in 0..<passes where !present.hasPass(pass) {
            var shardHeader = header
            shardHeader.pass = pass
            let workers = (0..<threads).map { _ in
                Worker(model, parameters: parameters, header: shardHeader, masking: masking)
            }
            var sequences = try read(input) { try reader(ofPass: pass, of: corpus, missing: present, from: source) }
            while !sequences.isExhausted {
                shardHeader.firstSequence = sequences.count
                if isInterrupted() { throw CancellationError() }
                try identity.check()
                if let shard = present.shard(at: sequences.count, ofPass: pass) {
                    try sequences.skip(shard, in: folder)
                } else {
                    // A gap that is filled is not where the shards end.
                    let isNewest = !present.hasShards(behind: sequences.count, ofPass: pass)
                    try write(
                        shardHeader, from: &sequences, corpus: isNewest ? corpus : nil, input: input, to: identity,
                        workers: workers,
                        isInterrupted: isInterrupted
                    ) {
                        newTokens += $0
                        let (done, total) = $1
                        progress(
                            GenerationProgress(done: pass * total + done, total: passes * total, tokens: newTokens))
                    }
                }
            }
            if sequences.count == 0 { throw GenerationError(.noSequences, folder) }
        }
        try identity.check()
        return try PresentShards(in: folder, of: header, passes: passes).finish(
            corpus: corpus, newTokens: newTokens, seconds: (ContinuousClock.now - start) / .seconds(1))
    }

    /// Reads on where the shards end, as far as that was saved.
    private func reader<Source: SequenceSource>(
        ofPass pass: Int, of corpus: String, missing present: PresentShards,
        from source: (SequencePosition?) throws -> Source
    ) throws -> PassReader<Source> {
        guard let saved = SavedPosition(in: folder, of: corpus), saved.pass == pass else {
            return try PassReader(source(nil))
        }
        for place in saved.places.reversed() {
            if let shard = present.shard(endingAt: place.sequences, ofPass: pass), !shard.endsPass,
                (try? place.isBehind(shard, in: folder)) == true, let source = try? source(place.position),
                let reader = try? PassReader(source, behind: place.sequences), !reader.isExhausted
            {
                return reader
            }
        }
        return try PassReader(source(nil))
    }

    /// A text that cannot be read because it has changed since is reported as that.
    private func read<Result>(_ input: FileSnapshot, _ body: () throws -> Result) throws -> Result {
        do { return try body() } catch {
            try input.check()
            throw error
        }
    }

    /// - Parameter corpus: what identifies the corpus, where the position in it is to be saved.
    private func write<Source: SequenceSource>(
        _ header: ShardHeader, from sequences: inout PassReader<Source>, corpus: String?, input: FileSnapshot,
        to identity: FolderIdentity,
        workers: [Worker], isInterrupted: () -> Bool,
        progress: (_ newTokens: Int, _ input: (done: Int, total: Int)) -> Void
    ) throws {
        func place() -> SavedPosition.Place? {
            sequences.position.map { SavedPosition.Place(sequences: sequences.count, position: $0) }
        }
        let start = place()
        var writer = try ShardWriter(continuing: remains(of: header, holding: &sequences))
        try fill(&writer, from: &sequences, workers: workers, isInterrupted: isInterrupted, progress: progress)
        if !sequences.isExhausted, writer.blockCount < Self.shardBlockCount { throw CancellationError() }
        try input.check()
        try identity.check()
        if let corpus, let end = place() {
            let places = [start, end].compactMap(\.self)
            try SavedPosition(pass: header.pass, corpus: corpus, places: places).write(to: folder)
        }
        try writer.commit(endingPass: sequences.isExhausted)
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

    /// What an interrupted run has left of a shard, as far as it holds the text that `sequences` has next.
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
    private final class Worker: @unchecked Sendable {
        let generator: BlockGenerator

        init(_ model: MaskedLanguageModel, parameters: ParameterArena, header: ShardHeader, masking: Masking) {
            generator = BlockGenerator(model, parameters: parameters, header: header, masking: masking)
        }
    }
}
