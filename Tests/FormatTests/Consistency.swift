import Format
import Testing

/// What ``SequenceBlock`` promises of every block.
func expectConsistent(_ block: SequenceBlock, _ comment: Comment) {
    let size = block.shape.vocabularySize
    func ascends<Value: Comparable>(_ values: some Sequence<Value>) -> Bool {
        zip(values, values.dropFirst()).allSatisfy { $0 <= $1 }
    }
    for offsets in [block.tokenOffsets, block.maskOffsets, block.winnerOffsets] {
        #expect(ascends(offsets), comment)
    }
    #expect(Int(block.tokenOffsets.last ?? -1) == block.tokenCount, comment)
    #expect(Int(block.maskOffsets.last ?? -1) == block.maskedCount, comment)
    #expect(Int(block.winnerOffsets.last ?? -1) == block.winners.count, comment)
    for ids in [block.tokens, block.headIDs, block.winners] {
        #expect(ids.allSatisfy { $0 >= 0 && Int($0) < size }, comment)
    }
    for row in 0..<block.sequenceCount {
        let positions = block.maskedRange(ofSequence: row).map { block.maskedPositions[$0] }
        #expect(zip(positions, positions.dropFirst()).allSatisfy { $0 < $1 }, comment)
        #expect(positions.allSatisfy { $0 >= 0 && $0 < block.tokenRange(ofSequence: row).count }, comment)
    }
    for masked in 0..<block.maskedCount {
        let head = block.headCodes[(masked * block.shape.headSize)..<((masked + 1) * block.shape.headSize)]
        #expect(ascends(head) && (head.first ?? 0) == 0, comment)
        for race in 0..<block.shape.raceCount {
            #expect(!block.winnerRange(ofMasked: masked, race: race).isEmpty, comment)
            let changes = block.changeRange(ofMasked: masked, race: race).map { block.changeCodes[$0] }
            #expect(changes.allSatisfy { (1...1024).contains($0) } && ascends(changes), comment)
        }
    }
}
