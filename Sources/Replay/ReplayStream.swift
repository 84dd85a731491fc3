import Format

/// Sequences of a data set that are visited in epochs of their own: all of them, or those of one source.
package struct ReplayStream: Sendable {
    package let dataset: Dataset
    /// The source of all its sequences, an index into the header's names; nil if it is the whole data set.
    package let source: Int?
    package private(set) var sequenceCount: UInt64 = 0
    package private(set) var tokenCount: UInt64 = 0
    /// The blocks that hold its sequences, in the data set.
    package private(set) var blocks: [Int] = []
    /// [blocks] How many of its sequences each holds.
    package private(set) var blockSizes: [Int] = []
    /// The rows of its sequences in the blocks that hold others as well, by block.
    private var rows: [Int: [Int32]] = [:]

    /// A whole data set.
    package init(_ dataset: Dataset) {
        self.init(dataset, source: nil)
        (sequenceCount, tokenCount) = (dataset.entryCount, dataset.counts.tokens)
        blocks = Array(0..<dataset.blockCount)
        blockSizes = blocks.map { dataset.place(ofBlock: $0).entries.count }
    }

    private init(_ dataset: Dataset, source: Int?) {
        self.dataset = dataset
        self.source = source
    }

    /// A stream for each source that has sequences. Blocks whose sequences have several sources are decoded.
    package static func bySource(_ dataset: Dataset) throws(ShardError) -> [ReplayStream] {
        var streams = dataset.header.sources.indices.map { ReplayStream(dataset, source: $0) }
        let decoder = BlockDecoder()
        for index in 0..<dataset.blockCount {
            let place = dataset.place(ofBlock: index)
            let reader = try dataset.reader(ofShard: place.shard)
            if let source = reader.source(ofBlock: place.block) {
                let counts = reader.counts(ofBlock: place.block)
                streams[source].add(index, sequences: Int(counts.sequences), tokens: counts.tokens)
                continue
            }
            let block = try reader.block(at: place.block, using: decoder)
            for source in Set(block.sources).sorted() {
                let rows = block.sources.indices.filter { block.sources[$0] == source }
                let tokens = rows.reduce(0) { $0 + block.tokenRange(ofSequence: $1).count }
                streams[Int(source)].add(index, sequences: rows.count, tokens: UInt64(tokens))
                streams[Int(source)].rows[index] = rows.map(Int32.init)
            }
        }
        return streams.filter { $0.sequenceCount > 0 }
    }

    private mutating func add(_ block: Int, sequences: Int, tokens: UInt64) {
        blocks.append(block)
        blockSizes.append(sequences)
        sequenceCount += UInt64(sequences)
        tokenCount += tokens
    }

    /// The row of one of its sequences in a block of the data set.
    package func row(_ number: Int, ofBlock block: Int) -> Int {
        rows[block].map { Int($0[number]) } ?? number
    }
}
