import Fixtures
import Format
import Storage
import SystemPackage

enum SmallDataset {
    /// Three candidates and a tail that holds half of the mass and more.
    static func make() throws -> Dataset {
        let folder = try temporaryFolder()
        let header = ShardHeader(
            vocabularySize: 40, vocabularySHA256: String(repeating: "a", count: 64),
            generatorSHA256: String(repeating: "b", count: 64),
            specialTokens: SpecialTokens(padding: 0, classification: 2, separator: 3, mask: 4), maximumLength: 12,
            maskProbability: 0.3, seed: 1, candidates: 3...3, visitCount: 2,
            temperatureRange: TemperatureRange(from: 1, to: 2), tailNodes: [1, 1.25, 1.5, 1.75, 2], changeParts: 2048,
            deviation: 0.01, blockSize: 8)
        var writer = try ShardWriter(folder.appending(header.fileName), header: header)
        for first in [0, 8] {
            var block = SequenceBlock(shape: header.blockShape)
            for row in 0..<(first == 0 ? 8 : 3) {
                let tokens: [Int32] = [2, 10, Int32(11 + row), 12, 10, 3]
                block.appendSequence(tokens.span)
                for position in [1, 3] {
                    let (ids, deficits): ([Int32], [Double]) = ([20, 21, 22], [0, 0.5, 1])
                    let masses = header.tailNodes.map { _ in 1.5 }
                    block.appendMaskedPosition(
                        position, headIDs: ids.span, deficits: deficits.span, originalDeficit: 20,
                        tailLogMasses: masses.span)
                    for _ in 0..<2 {
                        let leaders: [Int32] = [30]
                        block.appendRace(leaders: leaders.span, changes: [Double]().span)
                    }
                }
            }
            try writer.append(BlockEncoder().encode(block))
        }
        try writer.commit(endingPass: true)
        try Manifest(scanning: folder).write(to: folder)
        return try Dataset(folder)
    }
}
