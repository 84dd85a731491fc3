import Format
import Models
import Storage
import SystemPackage

/// A data set of any size, made of another one's whole blocks over and over: the cost of a look into it does not depend on
/// the content of the blocks.
struct RepeatedDataset {
    let folder: FilePath
    /// Sequences of a shard, as `generate` has them for sequences of 128 tokens.
    private static let sequencesPerShard: UInt64 = 1 << 18

    /// Writes shards until they have `byteCount` bytes, and the vocabulary beside them. A folder that is a data set already is
    /// taken as it is.
    init(of original: Dataset, byteCount: UInt64, in folder: FilePath) throws {
        self.folder = folder
        if Folder(folder).contains(Manifest.fileName) { return }
        try Folder(folder).create()
        try HuggingFaceFolder.copyTokenizer(from: original.folder, to: folder)
        var blocks: [EncodedBlock] = []
        for index in 0..<min(original.blockCount, 64) {
            let place = original.place(ofBlock: index)
            if place.entries.count < original.header.blockSize { continue }
            blocks.append(BlockEncoder().encode(try original.block(at: place)))
        }
        guard !blocks.isEmpty else { throw ShardError(.noShards, "no block of the data set is full") }
        var (written, next): (UInt64, UInt64) = (0, 0)
        var header = original.header
        var index = 0
        while written < byteCount {
            header.firstSequence = next
            var writer = try ShardWriter(folder.appending(header.fileName), header: header)
            while writer.counts.sequences < Self.sequencesPerShard, written + writer.bytesWritten < byteCount {
                try writer.append(blocks[index % blocks.count])
                index += 1
            }
            next += writer.counts.sequences
            written += writer.bytesWritten
            try writer.commit(endingPass: written >= byteCount)
        }
        try Manifest(scanning: folder).write(to: folder)
    }
}
