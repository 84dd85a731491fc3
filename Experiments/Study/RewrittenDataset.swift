import Format
import Storage
import SystemPackage

/// A data set made from another one, block by block.
enum RewrittenDataset {
    /// - Parameters:
    ///   - header: what the new shards say of themselves; pass and first sequence come from the source's.
    ///   - body: the new block, from the source's and its pass.
    static func write(
        _ source: Dataset, header: ShardHeader, to folder: FilePath,
        _ body: (_ block: SequenceBlock, _ place: (pass: Int, firstSequence: UInt64)) throws -> SequenceBlock
    ) throws {
        try Folder(folder).create()
        for name in ["vocab.txt", "tokenizer_config.json", "tokenizer.json", "special_tokens_map.json"]
        where Folder(source.folder).contains(name) {
            try DurableFile.write(
                RandomAccessFile.contents(of: source.folder.appending(name)), to: folder.appending(name))
        }
        let encoder = BlockEncoder()
        for shard in source.manifest.shards.indices {
            let reader = try source.reader(ofShard: shard)
            var own = header
            own.pass = reader.header.pass
            own.firstSequence = reader.header.firstSequence
            var writer = try ShardWriter(folder.appending(own.fileName), header: own)
            var first = own.firstSequence
            for index in 0..<reader.blockCount {
                let block = try reader.block(at: index)
                try writer.append(encoder.encode(body(block, (own.pass, first))))
                first += UInt64(block.sequenceCount)
            }
            try writer.commit(endingPass: reader.endsPass)
        }
        try Manifest(scanning: folder).write(to: folder)
    }
}
