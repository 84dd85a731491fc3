import Format

/// What the tokens of masked positions weigh at one temperature, relative to the most probable one.
package struct TemperedWeights: Sendable {
    private let inverseTemperature: Double
    /// The lowest temperature of the shards: the unit of head codes.
    private let unit: Double
    /// [nodes] What each node's log-mass counts in the tail's log-mass at this temperature.
    private let nodeCoefficients: [Double]
    private let policy: ReplayPolicy

    package init(_ header: ShardHeader, temperature: Double, policy: ReplayPolicy) {
        inverseTemperature = 1 / temperature
        unit = header.temperatureRange.minimum
        let places = header.blockShape.nodePlaces
        nodeCoefficients =
            places.isEmpty
            ? []
            : NodeInterpolation.coefficients(at: header.temperatureRange.place(of: temperature), nodes: places[...])
        self.policy = policy
    }

    /// Elements of scratch memory for the sums of a position with so many candidates: whole vectors, the original's too.
    package static func capacity(candidates: Int) -> Int { (candidates + 8) / 8 * 8 }

    /// Fills `sums` with the sum of the tail's weight and the candidates' up to each one, then of the original's if it is
    /// none of them.
    ///
    /// - Parameter sums: [``capacity(candidates:)`` at least] Scratch.
    /// - Returns: The tail's weight, and the sum of all.
    package func add(
        of block: SequenceBlock, masked: Int, into sums: UnsafeMutableBufferPointer<Double>
    ) -> (tail: Double, total: Double) {
        let count = count(of: block, masked: masked)
        let tail = policy.topK == nil ? tailWeight(of: block, masked: masked) : 0
        var total = tail
        var rank = 0
        while rank < count {
            let weights = weights(of: block, masked: masked, from: rank)
            for lane in 0..<min(8, count - rank) {
                total += weights[lane]
                sums[rank + lane] = total
            }
            rank += 8
        }
        return (tail, total)
    }

    /// The candidates of a position, and the original if it is none of them.
    private func count(of block: SequenceBlock, masked: Int) -> Int {
        block.candidateRange(ofMasked: masked).count + (block.originalRanks[masked] < 0 ? 1 : 0)
    }

    /// The weights of eight ranks from `first` on; the original, if it is no candidate, comes after them. 0 beyond.
    package func weights(of block: SequenceBlock, masked: Int, from first: Int) -> SIMD8<Double> {
        let candidates = block.candidateRange(ofMasked: masked)
        let originalRank = Int(block.originalRanks[masked])
        let zeroRank = !policy.disallowsCorrect ? -1 : originalRank < 0 ? candidates.count : originalRank
        let count = candidates.count + (originalRank < 0 ? 1 : 0)
        let end = min(count, policy.topK ?? count)
        let codes = block.headCodes.span
        var laneCodes = SIMD8<Double>(repeating: 0)
        var isZero = SIMDMask<SIMD8<Int64>>(repeating: true)
        for lane in 0..<min(8, count - first) {
            let rank = first + lane
            let code = rank < candidates.count ? codes[candidates.lowerBound + rank] : block.originalCodes[masked]
            laneCodes[lane] = Double(code)
            isZero[lane] = code == Quantization.headZero || rank >= end || rank == zeroRank
        }
        return replayExponential(-(Quantization.headDeficits(laneCodes) * unit) * inverseTemperature)
            .replacing(with: 0, where: isZero)
    }

    /// 0 where there is no tail.
    package func tailWeight(of block: SequenceBlock, masked: Int) -> Double {
        let codes = block.tailRange(ofMasked: masked)
        if codes.isEmpty { return 0 }
        var logMass = 0.0
        for (coefficient, index) in zip(nodeCoefficients, codes) {
            logMass += coefficient * (Double(block.tailCodes[index]) * Quantization.tailStep)
        }
        // Honest shards stay far below 64; the bound keeps the exponential of hostile ones in its domain, and NaN out.
        return replayExponential(SIMD8(repeating: logMass < 64 ? logMass : 64))[0]
    }
}
