import CLibrary
import Distillation
import Format
import SystemPackage

/// Shards of a generator that knows how frequent tokens are, and nothing of the context.
public enum UnigramShards {
    /// Masks and sequences are the source's; the token of a position is drawn by the frequencies of the source's tokens,
    /// special tokens excepted, tempered as any generator's logits are.
    public static func write(_ source: Dataset, to folder: FilePath) throws {
        let header = source.header
        var logits = try logits(of: source)
        // One a pass, because the draws of races differ from pass to pass.
        var distillers: [Int: HeadAndRaces] = [:]
        try RewrittenDataset.write(source, to: folder) { block, place in
            var own = header
            own.pass = place.pass
            let distiller = distillers[place.pass] ?? HeadAndRaces(own)
            distillers[place.pass] = distiller
            var rewritten = SequenceBlock(shape: header.blockShape)
            for row in 0..<block.sequenceCount {
                rewritten.appendSequence(
                    block.tokens.span.extracting(block.tokenRange(ofSequence: row)), source: Int(block.sources[row]),
                    secondSegment: Int(block.secondSegments[row]))
                for masked in block.maskedRange(ofSequence: row) {
                    var span = logits.mutableSpan
                    try distiller.append(
                        &span, atPosition: Int(block.maskedPositions[masked]),
                        ofSequence: place.firstSequence + UInt64(row), to: &rewritten)
                }
            }
            return rewritten
        }
    }

    /// [V] Logarithms of the counts; a token that does not occur is never drawn.
    static func logits(of source: Dataset) throws -> [Float] {
        var counts = [Int](repeating: 0, count: source.header.vocabularySize)
        for index in 0..<source.blockCount {
            for token in try source.block(at: source.place(ofBlock: index)).tokens { counts[Int(token)] += 1 }
        }
        for id in source.header.specialTokens.ids { counts[Int(id)] = 0 }
        return counts.map { $0 > 0 ? log(Float($0)) : -.infinity }
    }
}
