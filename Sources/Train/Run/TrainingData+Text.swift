import Format

extension TrainingData {
    private static let mostSampledTokens: UInt64 = 1 << 23

    /// Tokens that stand for no text.
    var specialTokens: Set<Int32> { Set(datasets[0].header.specialTokens.ids) }

    /// Original sequences of blocks at even distances, about 2^23 tokens at most.
    func sampledSequences() throws(ShardError) -> [ArraySlice<Int32>] {
        let tokens = datasets.reduce(0) { $0 + $1.counts.tokens / UInt64(max(1, $1.passCount)) }
        let distance = Int(tokens / Self.mostSampledTokens) + 1
        var sequences: [ArraySlice<Int32>] = []
        for dataset in datasets {
            let decoder = BlockDecoder()
            // The first pass has every sequence.
            for index in stride(from: 0, to: max(1, dataset.blockCount / max(1, dataset.passCount)), by: distance) {
                let block = try dataset.block(at: dataset.place(ofBlock: index), using: decoder)
                for row in 0..<block.sequenceCount { sequences.append(block.tokens[block.tokenRange(ofSequence: row)]) }
            }
        }
        return sequences
    }
}
