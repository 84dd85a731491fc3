import Format
import Replay
import Testing

@Suite struct ReplaySamplerTests {
    static func header(
        candidates: Int, range: TemperatureRange = TemperatureRange(from: 1, to: 2)
    ) -> ShardHeader {
        let isDense = candidates == 100
        let nodes = range.minimum == range.maximum ? [range.minimum] : [range.minimum, 1.3, range.maximum]
        return ShardHeader(
            vocabularySize: 100, vocabularySHA256: String(repeating: "0", count: 64),
            generatorSHA256: String(repeating: "0", count: 64),
            specialTokens: SpecialTokens(padding: 0, classification: 1, separator: 2, mask: 3), maximumLength: 8,
            maskProbability: 0.15, seed: 1, candidates: candidates...candidates, visitCount: isDense ? 0 : 3,
            temperatureRange: range, tailNodes: isDense ? [] : nodes, changeParts: 2048, deviation: 0.002, blockSize: 4)
    }

    /// One sequence, its positions 1 and 3 masked; races are won by tokens 90, 91, 92, from T = √2 on by 95.
    private func block(_ header: ShardHeader, tailLogMass: Double = 0) -> SequenceBlock {
        var block = SequenceBlock(shape: header.blockShape)
        block.appendSequence([1, 10, 20, 30, 2].span)
        for position in [1, 3] {
            let ids = (0..<Int32(header.mostCandidates)).map { ($0 + 10) % 100 }
            let deficits = ids.indices.map { Double($0) / 4 }
            let masses = header.tailNodes.map { _ in tailLogMass }
            block.appendMaskedPosition(
                position, headIDs: ids.span, deficits: deficits.span, originalDeficit: 200, tailLogMasses: masses.span)
            for race in 0..<Int32(header.visitCount) {
                block.appendRace(leaders: [90 + race, 95].span, changes: [1024].span)
            }
        }
        return block
    }

    private func replay(
        _ sampler: TemperedReplay, _ block: SequenceBlock, number: UInt64 = 0, visit: UInt16
    ) -> (tokens: [Int32], labels: [UInt8], counts: ReplayCounts) {
        var block = block
        block.first.number = number
        var tokens: [Int32] = [7, 7, 7, 7, 7, 7, 7]
        var labels: [UInt8] = [7, 7, 7, 7, 7, 7, 7]
        var tokenSpan = tokens.mutableSpan
        var labelSpan = labels.mutableSpan
        let counts = sampler.replay(block, row: 0, visit: visit, tokens: &tokenSpan, labels: &labelSpan)
        return (tokens, labels, counts)
    }

    @Test(arguments: [0.999, 2.001, 16]) func refusesATemperatureThatTheRacesDoNotReach(_ temperature: Double) throws {
        for candidates in [1, 8] {
            let error = #expect(throws: ReplayError.self) {
                try ReplaySampler(Self.header(candidates: candidates), seed: 1).tempered(to: temperature)
            }
            #expect(error?.kind == .temperatureOutOfRange)
            #expect(error?.problem.contains("from 1.0 to 2.0, not at \(temperature)") == true)
        }
        _ = try ReplaySampler(Self.header(candidates: 100), seed: 1).tempered(to: temperature)
    }

    @Test(arguments: [0, -1, .infinity, .nan] as [Double]) func refusesWhatIsNoTemperature(_ temperature: Double) {
        for candidates in [1, 8, 100] {
            let error = #expect(throws: ReplayError.self) {
                try ReplaySampler(Self.header(candidates: candidates), seed: 1).tempered(to: temperature)
            }
            #expect(error?.kind == .temperatureNotPositive)
        }
    }

    /// All of the mass is in the tail: each of the first three visits reads a race of its own, later ones theirs in turn.
    @Test func readsTheRacesAtTheTemperatureAskedFor() throws {
        let header = Self.header(candidates: 1)
        let block = block(header, tailLogMass: 60)
        for (temperature, changed) in [(1, false), (1.41, false), (1.415, true), (2, true)] {
            let sampler = try ReplaySampler(header, seed: 1).tempered(to: temperature)
            var drawn: [Int32] = []
            for visit in 0..<5 as Range<UInt16> {
                let replayed = replay(sampler, block, visit: visit)
                drawn.append(replayed.tokens[1])
                #expect(
                    replayed.tokens == [1, drawn[Int(visit)], 20, drawn[Int(visit)], 2, 7, 7],
                    "what follows is left alone")
                #expect(replayed.labels == [0, 1, 0, 1, 0, 7, 7])
                #expect((replayed.counts.tokens, replayed.counts.masked, replayed.counts.replaced) == (5, 2, 2))
            }
            #expect(changed ? drawn == [95, 95, 95, 95, 95] : drawn[..<3].sorted() == [90, 91, 92])
            if !changed { #expect(drawn[3...] == [90, 91]) }
        }
    }

    @Test func labelsTheOriginalAsOriginal() throws {
        let header = Self.header(candidates: 1)
        // No mass in the tail: the only token of the head, 10, is drawn; it is the original of position 1.
        let sampler = try ReplaySampler(header, seed: 1).tempered(to: 1.2)
        let replayed = replay(sampler, block(header, tailLogMass: -64), number: 5, visit: 0)
        #expect(replayed.tokens == [1, 10, 20, 10, 2, 7, 7])
        #expect(replayed.labels == [0, 0, 0, 1, 0, 7, 7])
        #expect(replayed.counts.replaced == 1 && replayed.counts.sampledOriginal == 1)
    }

    @Test func drawsDependOnSeedSequenceVisitAndPositionAlone() throws {
        let header = Self.header(candidates: 100)
        let block = block(header)
        func draws(seed: UInt64, numbers: Range<UInt64>, visit: UInt16) throws -> [[Int32]] {
            let sampler = try ReplaySampler(header, seed: seed).tempered(to: 2)
            return numbers.map { replay(sampler, block, number: $0, visit: visit).tokens }
        }
        let reference = try draws(seed: 1, numbers: 0..<50, visit: 3)
        #expect(try reference == (0..<50).map { try draws(seed: 1, numbers: $0..<($0 + 1), visit: 3)[0] })
        #expect(Set(reference).count > 40)
        #expect(try draws(seed: 2, numbers: 0..<50, visit: 3) != reference)
        #expect(try draws(seed: 1, numbers: 0..<50, visit: 4) != reference)
        #expect(try draws(seed: 1, numbers: (1 << 32)..<(1 << 32 + 50), visit: 3) != reference)
        #expect(reference.contains { $0[1] != $0[3] })
    }

    @Test func showsTheDistribution() throws {
        let header = Self.header(candidates: 2)
        let distribution = try ReplaySampler(header, seed: 1).tempered(to: 2)
            .distribution(of: block(header, tailLogMass: 0), masked: 1)
        // Weights 1 and exp(-1/8) of the candidates, 1 of the tail, and next to none of the original.
        let total = 2.8824969025845955
        #expect(distribution.headIDs == [10, 11])
        #expect(abs(distribution.headProbabilities[0] - 1 / total) < 1e-12)
        #expect(abs(distribution.headProbabilities[1] - 0.8824969025845955 / total) < 1e-12)
        #expect(abs(distribution.tailProbability - 1 / total) < 1e-12)
        #expect(distribution.raceWinners == [95, 95, 95])
    }

    @Test func worksAtASingleTemperature() throws {
        let header = Self.header(candidates: 2, range: TemperatureRange(from: 1.5, to: 1.5))
        #expect(header.tailNodes == [1.5])
        let sampler = try ReplaySampler(header, seed: 1).tempered(to: 1.5)
        #expect(sampler.distribution(of: block(header), masked: 0).raceWinners == [90, 91, 92])
        #expect(throws: ReplayError.self) { try ReplaySampler(header, seed: 1).tempered(to: 1) }
    }
}
