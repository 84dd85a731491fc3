import Corpus
import Format
import Storage
import SystemPackage

/// The shards that a folder has of a data set, and so the shards that are still to be generated.
public struct PresentShards {
    private let folder: FilePath
    private let passes: Int
    /// In each shard but a pass's last.
    private let sequencesOfShard: UInt64
    /// nil where there is no shard.
    private let manifest: Manifest?

    /// Opens every shard, which checks all but its blocks.
    ///
    /// - Throws: `ShardError` for one that is damaged, or was made otherwise than `header` says.
    public init(in folder: FilePath, of header: ShardHeader, passes: Int) throws(ShardError) {
        self.folder = folder
        self.passes = passes
        sequencesOfShard = ShardGenerator.sequencesOfShard(header)
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

    /// Sequences of a pass, where the last shard of any pass is there.
    var sequencesOfPass: UInt64? {
        manifest?.shards.first { $0.endsPass }.map { $0.firstSequence + $0.counts.sequences }
    }

    /// Counts of the text, where a run has read it to its end.
    private func textCounts(of corpus: String) -> TextCounts? {
        TextPositions(besideShards: folder, of: corpus).end().map { $0.counts ?? $0.position.counts }
    }

    /// The summary of a part's shards. The data set may have other shards, or not.
    ///
    /// - Parameter corpus: the identity of the corpus.
    public func summary(
        of part: DatasetPart, corpus: String, newTokens: Int = 0, seconds: Double = 0
    ) -> GenerationSummary {
        let own = (manifest?.shards ?? []).filter {
            part.has(shard: Int($0.firstSequence / sequencesOfShard), ofPass: $0.pass)
        }
        return summary(of: own, corpus: corpus, newTokens: newTokens, seconds: seconds)
    }

    private func summary(
        of shards: [Manifest.Entry], corpus: String, newTokens: Int, seconds: Double
    ) -> GenerationSummary {
        GenerationSummary(
            counts: shards.reduce(into: Counts()) { $0 += $1.counts }, passes: passes,
            shards: shards.count, bytes: shards.reduce(0) { $0 + $1.byteCount },
            text: textCounts(of: corpus), isComplete: isComplete, newTokens: newTokens, seconds: seconds)
    }

    /// Writes the manifest of a data set that ``isComplete``.
    ///
    /// - Parameter corpus: the identity of the corpus.
    public func finish(corpus: String, newTokens: Int = 0, seconds: Double = 0) throws -> GenerationSummary {
        guard let manifest else { throw GenerationError(.noSequences, folder) }
        try manifest.write(to: folder)
        // Opened as the trainer will: shards that overlap or that nobody asked for are told here.
        _ = try Dataset(folder)
        // Nothing is left of its parts.
        for shard in manifest.shards { try Folder(folder).removeFile(shard.name + FileClaim.ending) }
        try Folder(folder).removeFile(PartDivision.fileName)
        return summary(of: manifest.shards, corpus: corpus, newTokens: newTokens, seconds: seconds)
    }
}
