import Format

/// The weights of the tokens of masked positions at one temperature, relative to the most probable one.
package struct TemperedWeights: Sendable {
    private let inverseTemperature: Double
    /// The lowest temperature of the shards: the unit of head codes.
    private let unit: Double
    /// [nodes] The weight of each node's log-mass in the tail's log-mass at this temperature.
    private let nodeCoefficients: [Double]
    private let policy: ReplayPolicy
    private let focal: FocalTransform?

    package init(_ header: ShardHeader, temperature: Double, policy: ReplayPolicy) {
        inverseTemperature = 1 / temperature
        unit = header.temperatureRange.minimum
        let places = header.blockShape.nodePlaces
        nodeCoefficients =
            places.isEmpty
            ? []
            : NodeInterpolation.coefficients(at: header.temperatureRange.place(of: temperature), nodes: places[...])
        self.policy = policy
        focal = policy.focal.map { FocalTransform(exponent: $0) }
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
        var tail: Double
        if let focal {
            for first in stride(from: 0, to: count, by: 8) {
                let logarithms = logarithms(of: block, masked: masked, from: first)
                for lane in 0..<min(8, count - first) { sums[first + lane] = logarithms[lane] }
            }
            tail = focal.apply(to: sums, count: count, tail: tailLogMass(of: block, masked: masked))
        } else {
            tail = tailWeight(of: block, masked: masked)
        }
        if policy.topK != nil { tail = 0 }
        var total = tail
        for first in stride(from: 0, to: count, by: 8) {
            var weights = SIMD8<Double>(repeating: 0)
            if focal == nil {
                weights = self.weights(of: block, masked: masked, from: first)
            } else {
                for lane in 0..<min(8, count - first) { weights[lane] = sums[first + lane] }
                takeAway(from: &weights, of: block, masked: masked, from: first)
            }
            for lane in 0..<min(8, count - first) {
                total += weights[lane]
                sums[first + lane] = total
            }
        }
        return (tail, total)
    }

    /// The candidates of a position, and the original if it is none of them.
    private func count(of block: SequenceBlock, masked: Int) -> Int {
        block.candidateRange(ofMasked: masked).count + (block.originalRanks[masked] < 0 ? 1 : 0)
    }

    /// The weights of eight ranks from `first` on, but for the focal policy; the original, unless it is a candidate, comes after the
    /// candidates. 0 beyond.
    package func weights(of block: SequenceBlock, masked: Int, from first: Int) -> SIMD8<Double> {
        var weights = replayExponential(logarithms(of: block, masked: masked, from: first))
        takeAway(from: &weights, of: block, masked: masked, from: first)
        return weights
    }

    /// The logarithms of the weights of eight ranks under no policy; minus infinity where there is no weight, and beyond.
    private func logarithms(of block: SequenceBlock, masked: Int, from first: Int) -> SIMD8<Double> {
        let candidates = block.candidateRange(ofMasked: masked)
        let count = count(of: block, masked: masked)
        let codes = block.headCodes.span
        var laneCodes = SIMD8<Double>(repeating: 0)
        var isZero = SIMDMask<SIMD8<Int64>>(repeating: true)
        for lane in 0..<min(8, count - first) {
            let rank = first + lane
            let code = rank < candidates.count ? codes[candidates.lowerBound + rank] : block.originalCodes[masked]
            laneCodes[lane] = Double(code)
            isZero[lane] = code == Quantization.headZero
        }
        return (-(Quantization.headDeficits(laneCodes) * unit) * inverseTemperature)
            .replacing(with: -.infinity, where: isZero)
    }

    /// Sets those of eight weights to 0 that top-k and disallowing the original take away.
    private func takeAway(
        from weights: inout SIMD8<Double>, of block: SequenceBlock, masked: Int, from first: Int
    ) {
        if let topK = policy.topK {
            for lane in 0..<8 where first + lane >= topK { weights[lane] = 0 }
        }
        guard policy.disallowsCorrect else { return }
        let rank = Int(block.originalRanks[masked])
        let lane = (rank < 0 ? block.candidateRange(ofMasked: masked).count : rank) - first
        if (0..<8).contains(lane) { weights[lane] = 0 }
    }

    /// 0 where there is no tail.
    package func tailWeight(of block: SequenceBlock, masked: Int) -> Double {
        tailLogMass(of: block, masked: masked).map { replayExponential(SIMD8(repeating: $0))[0] } ?? 0
    }

    /// nil where there is no tail.
    private func tailLogMass(of block: SequenceBlock, masked: Int) -> Double? {
        let codes = block.tailRange(ofMasked: masked)
        if codes.isEmpty { return nil }
        var logMass = 0.0
        for (coefficient, index) in zip(nodeCoefficients, codes) {
            logMass += coefficient * (Double(block.tailCodes[index]) * Quantization.tailStep)
        }
        // Honest shards stay far below 64; the bound keeps the exponential of hostile ones in its domain, and NaN out.
        return logMass < 64 ? logMass : 64
    }
}
