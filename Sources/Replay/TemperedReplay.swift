import Format
import Random

/// What a replay did to the tokens of some sequences.
public struct ReplayCounts: Sendable, Hashable {
    public var tokens = 0
    /// Positions that were masked, and so drawn anew.
    public var masked = 0
    /// Those whose draw differs from the original: labelled 1.
    public var replaced = 0

    /// Masked positions whose draw is the original: labelled 0.
    public var sampledOriginal: Int { masked - replaced }

    public init() {}

    public static func += (total: inout Self, part: Self) {
        total.tokens += part.tokens
        total.masked += part.masked
        total.replaced += part.replaced
    }
}

/// A ``ReplaySampler`` at one temperature.
public struct TemperedReplay: Sendable {
    public let temperature: Double
    let inverseTemperature: Double
    /// [nodes] What each node's log-mass counts in the tail's log-mass at this temperature.
    let nodeCoefficients: [Double]
    /// Where in the temperature range this is, in parts.
    let position: Double
    let shape: BlockShape
    let random: RandomStream

    /// Writes one sequence with its masked positions drawn anew.
    ///
    /// - Parameters:
    ///   - block: A block of the shards of the sampler's header.
    ///   - row: The sequence's row in the block.
    ///   - entry: The sequence's number in the data set (``Dataset``).
    ///   - visit: How often the run has been through the data set before.
    ///   - tokens: [at least the sequence's length] Receives the ids. What follows the sequence is left alone.
    ///   - labels: [at least the sequence's length] Receives 1 where the token is not the original, else 0.
    public func replay(
        _ block: SequenceBlock, row: Int, entry: UInt64, visit: UInt16, tokens: inout MutableSpan<Int32>,
        labels: inout MutableSpan<UInt8>
    ) -> ReplayCounts {
        precondition(block.shape == shape, "the block is not of the sampler's shards")
        let range = block.tokenRange(ofSequence: row)
        precondition(tokens.count >= range.count && labels.count >= range.count)
        let originals = block.tokens.span
        for index in 0..<range.count {
            tokens[index] = originals[range.lowerBound + index]
            labels[index] = 0
        }
        var counts = ReplayCounts()
        counts.tokens = range.count
        // A header may announce a head of 2^31 tokens as long as no position is masked.
        if block.maskedRange(ofSequence: row).isEmpty { return counts }
        withUnsafeTemporaryAllocation(of: Double.self, capacity: paddedHeadSize) { cumulative in
            for masked in block.maskedRange(ofSequence: row) {
                let position = Int(block.maskedPositions[masked])
                let token = draw(
                    from: block, masked: masked, position: UInt32(position), entry: entry, visit: visit, cumulative)
                let isReplaced = token != tokens[position]
                tokens[position] = token
                labels[position] = isReplaced ? 1 : 0
                counts.masked += 1
                counts.replaced += isReplaced ? 1 : 0
            }
        }
        return counts
    }

    /// The head's size in whole vectors.
    var paddedHeadSize: Int { (shape.headSize + 7) / 8 * 8 }

    /// One draw at one masked position.
    ///
    /// - Parameter cumulative: [``paddedHeadSize``] Scratch.
    private func draw(
        from block: SequenceBlock, masked: Int, position: UInt32, entry: UInt64, visit: UInt16,
        _ cumulative: UnsafeMutableBufferPointer<Double>
    ) -> Int32 {
        let size = shape.headSize
        if size > 0 {
            var total = headWeights(of: block, masked: masked, into: cumulative)
            if shape.hasTail { total += tailWeight(of: block, masked: masked) }
            let words = random.words(pass: UInt32(visit), sequence: entry, position: position, draw: 0)
            let target = Double(unitInterval: UInt64(words.y) << 32 | UInt64(words.x)) * total
            for rank in 0..<size where target < cumulative[rank] {
                return block.headIDs[masked * size + rank]
            }
        }
        return block.winner(ofMasked: masked, race: Int(visit) % shape.raceCount, atPosition: self.position)
    }

    /// Fills `cumulative` with the sums of the head's weights up to each rank; returns the sum of all.
    func headWeights(
        of block: SequenceBlock, masked: Int, into cumulative: UnsafeMutableBufferPointer<Double>
    ) -> Double {
        let size = shape.headSize
        let codes = block.headCodes.span.extracting((masked * size)..<((masked + 1) * size))
        var total = 0.0
        var rank = 0
        while rank < size {
            let lanes = min(8, size - rank)
            var laneCodes = SIMD8<Double>(repeating: 0)
            var isZero = SIMDMask<SIMD8<Int64>>(repeating: false)
            for lane in 0..<lanes {
                laneCodes[lane] = Double(codes[rank + lane])
                isZero[lane] = codes[rank + lane] == Quantization.headZero
            }
            let weights = replayExponential(-Quantization.headDeficits(laneCodes) * inverseTemperature)
                .replacing(with: 0, where: isZero)
            for lane in 0..<lanes {
                total += weights[lane]
                cumulative[rank + lane] = total
            }
            rank += lanes
        }
        return total
    }

    /// The tail's weight beside those of the head.
    func tailWeight(of block: SequenceBlock, masked: Int) -> Double {
        var logMass = 0.0
        for node in nodeCoefficients.indices {
            let code = block.tailCodes[masked * nodeCoefficients.count + node]
            logMass += nodeCoefficients[node] * (Double(code) * Quantization.tailStep)
        }
        // Honest shards stay far below 64; the bound keeps the exponential of hostile ones in its domain, and NaN out.
        return replayExponential(SIMD8(repeating: logMass < 64 ? logMass : 64))[0]
    }
}
