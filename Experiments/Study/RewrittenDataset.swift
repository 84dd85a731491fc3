import Format
import Models
import Storage
import SystemPackage

/// A data set made from another one, block by block.
enum RewrittenDataset {
    /// - Parameter body: the new block, from the source's and its place.
    static func write(
        _ source: Dataset, to folder: FilePath,
        _ body: (_ block: SequenceBlock, _ place: (pass: Int, firstSequence: UInt64)) throws -> SequenceBlock
    ) throws {
        try Folder(folder).create()
        try HuggingFaceFolder.copyTokenizer(from: source.folder, to: folder)
        let encoder = BlockEncoder()
        for shard in source.manifest.shards.indices {
            let reader = try source.reader(ofShard: shard)
            let header = reader.header
            var writer = try ShardWriter(folder.appending(header.fileName), header: header)
            var first = header.firstSequence
            for index in 0..<reader.blockCount {
                let block = try reader.block(at: index)
                try writer.append(encoder.encode(body(block, (header.pass, first))))
                first += UInt64(block.sequenceCount)
            }
            try writer.commit(endingPass: reader.endsPass)
        }
        try Manifest(scanning: folder).write(to: folder)
    }
}
