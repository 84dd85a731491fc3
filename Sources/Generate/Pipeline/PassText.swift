import Corpus
import Format
import Storage
import SystemPackage

/// The text of one pass, to be read from where a shard begins.
struct PassText {
    let positions: TextPositions
    let present: PresentShards
    let pass: Int
    /// In each shard but the last.
    let sequencesOfShard: UInt64
    /// Of the shards.
    let folder: FilePath

    /// Reads on from a shard's first sequence, or to the end of a text that is shorter. As little as possible is tokenized on the way.
    ///
    /// - Parameters:
    ///   - reader: one that stands before the place, if there is one.
    ///   - source: makes the corpus's sequences, those behind a position where it is given one.
    func reader<Source: SequenceSource>(
        at first: UInt64, after reader: PassReader<Source>?, from source: (SequencePosition?) throws -> Source,
        isInterrupted: () -> Bool
    ) throws -> PassReader<Source> {
        var reader = try nearest(to: first, reader, from: source) ?? PassReader(source(nil))
        while reader.count < first, !reader.isExhausted {
            if isInterrupted() { throw CancellationError() }
            if let shard = present.shard(at: reader.count, ofPass: pass) {
                try reader.skip(shard, in: folder)
            } else {
                try reader.skip(limit: sequencesOfShard)
            }
            try reader.keepPosition(in: positions)
        }
        return reader
    }

    /// The reader, or one that begins nearer to a sequence.
    private func nearest<Source: SequenceSource>(
        to first: UInt64, _ reader: PassReader<Source>?, from source: (SequencePosition?) throws -> Source
    ) throws -> PassReader<Source>? {
        if reader?.count == first { return reader }
        var limit = first
        while let place = positions.last(notBehind: limit, after: reader?.count ?? 0) {
            if let source = try? source(place.position),
                let nearer = try? PassReader(source, behind: place.sequences), nearer.isExhausted == place.isEnd
            {
                return nearer
            }
            limit = place.sequences - 1
        }
        return reader
    }
}
