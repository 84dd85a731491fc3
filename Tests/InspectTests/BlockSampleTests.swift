import Inspect
import Testing

@Suite("Samples of blocks")
struct BlockSampleTests {
    @Test func fewBlocksAreAllTaken() {
        for count in [0, 1, 7, 16] {
            let sample = BlockSample(of: count, atMost: 16, seed: 1)
            #expect(sample.blocks == Array(0..<count) && sample.isWhole)
        }
    }

    /// One of each run of equal length, at any place of it; and nothing overflows.
    @Test(arguments: [17, 100, 1000, 123_457, Int.max])
    func manyBlocksAreSpreadOut(_ count: Int) {
        var offsets: Set<Int> = []
        for seed in 0..<20 as Range<UInt64> {
            let sample = BlockSample(of: count, atMost: 16, seed: seed)
            #expect(sample.blocks.count == 16 && !sample.isWhole)
            #expect(sample == BlockSample(of: count, atMost: 16, seed: seed))
            for (run, block) in sample.blocks.enumerated() {
                let start = { (run: Int) in count / 16 * run + count % 16 * run / 16 }
                #expect((start(run)..<start(run + 1)).contains(block))
                offsets.insert(block - start(run))
            }
        }
        #expect(offsets.count >= min(100, count / 16), "blocks are drawn, not taken from the start of each run")
    }
}
