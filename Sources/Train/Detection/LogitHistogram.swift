/// Counts of logits in bins of 1/64 from -16 to 16, those outside with the outermost.
struct LogitHistogram: Sendable, Hashable {
    private var counts = [Int](repeating: 0, count: Self.binCount)

    private static let binCount = 2048

    mutating func add(_ logit: Float) {
        counts[logit.isFinite ? Int(min(max((logit + 16) * 64, 0), Float(Self.binCount - 1))) : 0] += 1
    }

    mutating func add(_ other: LogitHistogram) {
        for bin in counts.indices { counts[bin] += other.counts[bin] }
    }

    /// The share of pairs in which the logit of `self` is the larger one; ties count half. 1/2 where there are no pairs.
    func areaUnderCurve(over others: LogitHistogram) -> Double {
        var area = 0.0
        var below = 0
        for bin in counts.indices {
            area += Double(counts[bin]) * (Double(below) + Double(others.counts[bin]) / 2)
            below += others.counts[bin]
        }
        let pairs = Double(counts.reduce(0, +)) * Double(below)
        return pairs > 0 ? area / pairs : 0.5
    }
}

/// As pairs of bin and count, without the empty bins.
extension LogitHistogram: Codable {
    func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        for (bin, count) in counts.enumerated() where count > 0 {
            try container.encode(bin)
            try container.encode(count)
        }
    }

    init(from decoder: any Decoder) throws {
        var container = try decoder.unkeyedContainer()
        while !container.isAtEnd {
            let (bin, count) = (try container.decode(Int.self), try container.decode(Int.self))
            guard counts.indices.contains(bin), (0...1 << 40).contains(count) else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "no bin \(bin) of \(count)")
            }
            counts[bin] = count
        }
    }
}
