import Corpus
import Format
import Storage
import SystemPackage

/// The shards that a folder has of a data set, and so what is still to be generated.
public struct PresentShards {
    private let folder: FilePath
    private let passes: Int
    /// nil where there is no shard.
    private let manifest: Manifest?

    /// Opens every shard, which checks all but its blocks.
    ///
    /// - Throws: `ShardError` for one that is damaged, or was made otherwise than `header` says.
    public init(in folder: FilePath, of header: ShardHeader, passes: Int) throws(ShardError) {
        self.folder = folder
        self.passes = passes
        do {
            let manifest = try Manifest(scanning: folder)
            if let name = manifest.shards.first?.name {
                try ShardReader(folder.appending(name)).requireBelonging(to: header, of: "this command")
            }
            self.manifest = manifest
        } catch {
            guard error.kind == .noShards else { throw error }
            manifest = nil
        }
    }

    public var isComplete: Bool {
        (0..<passes).allSatisfy(hasPass)
    }

    /// Whether a pass has all its shards, from its first to the one that says it is the last.
    func hasPass(_ pass: Int) -> Bool {
        var next: UInt64 = 0
        while let shard = shard(at: next, ofPass: pass) {
            if shard.endsPass { return true }
            next += shard.counts.sequences
        }
        return false
    }

    /// The shard that starts with a sequence of a pass, if it is there.
    func shard(at firstSequence: UInt64, ofPass pass: Int) -> Manifest.Entry? {
        manifest?.shards.first { $0.pass == pass && $0.firstSequence == firstSequence && $0.counts.sequences > 0 }
    }

    /// Whether a shard is there of what comes behind a sequence of a pass.
    func hasShards(behind sequence: UInt64, ofPass pass: Int) -> Bool {
        manifest?.shards.contains { ($0.pass, $0.firstSequence) > (pass, sequence) } ?? false
    }

    /// The shard before a sequence of a pass, where that one and all before it are there.
    func shard(endingAt end: UInt64, ofPass pass: Int) -> Manifest.Entry? {
        var next: UInt64 = 0
        while next < end, let shard = shard(at: next, ofPass: pass) {
            next += shard.counts.sequences
            if next == end { return shard }
        }
        return nil
    }

    /// What the text holds, where the position that was saved is that of a pass's end.
    func textCounts(of corpus: String) -> TextCounts? {
        guard let saved = SavedPosition(in: folder, of: corpus), let place = saved.places.last,
            let shard = shard(endingAt: place.sequences, ofPass: saved.pass), shard.endsPass
        else { return nil }
        return place.position.counts
    }

    /// Writes the manifest of a data set that ``isComplete``.
    ///
    /// - Parameter corpus: what identifies the corpus.
    public func finish(corpus: String, newTokens: Int = 0, seconds: Double = 0) throws -> GenerationSummary {
        guard let manifest else { throw GenerationError(.noSequences, folder) }
        try manifest.write(to: folder)
        // Opened as the trainer will: shards that overlap or that nobody asked for are told here.
        _ = try Dataset(folder)
        return GenerationSummary(
            counts: manifest.shards.reduce(into: Counts()) { $0 += $1.counts }, passes: passes,
            shards: manifest.shards.count, bytes: manifest.shards.reduce(0) { $0 + $1.byteCount },
            text: textCounts(of: corpus), newTokens: newTokens, seconds: seconds)
    }
}
