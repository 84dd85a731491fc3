import Format
import Testing

/// Checks the promises of ``SequenceBlock`` about every block.
func expectConsistent(_ block: SequenceBlock, _ comment: Comment) {
    let size = block.shape.vocabularySize
    func ascends<Value: Comparable>(_ values: some Sequence<Value>) -> Bool {
        zip(values, values.dropFirst()).allSatisfy { $0 <= $1 }
    }
    for offsets in [
        block.tokenOffsets, block.maskOffsets, block.candidateOffsets, block.raceOffsets, block.tailOffsets,
        block.winnerOffsets,
    ] {
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
        #expect(Int(block.sources[row]) < block.shape.sourceCount, comment)
        #expect(Int(block.secondSegments[row]) < block.tokenRange(ofSequence: row).count, comment)
    }
    for masked in 0..<block.maskedCount {
        let candidates = block.candidateRange(ofMasked: masked)
        #expect(block.shape.candidateCounts.contains(candidates.count), comment)
        let head = block.headCodes[candidates]
        #expect(ascends(head) && head.first == 0, comment)
        let rank = Int(block.originalRanks[masked])
        #expect(
            rank < 0 ? block.originalCodes[masked] >= head.last ?? 0 : block.originalCodes[masked] == Array(head)[rank],
            comment)
        let races = block.raceRange(ofMasked: masked)
        #expect(block.tailRange(ofMasked: masked).count == (races.isEmpty ? 0 : block.shape.nodeCount), comment)
        for race in races {
            #expect(!block.winnerRange(ofRace: race).isEmpty, comment)
            let changes = block.changeRange(ofRace: race).map { Int(block.changeCodes[$0]) }
            #expect(changes.allSatisfy { (1...block.shape.changeParts).contains($0) } && ascends(changes), comment)
        }
    }
}
