import Format

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A row of logits as levels: how many tokens lie how far below the largest logit.
struct LevelRow {
    struct Level {
        /// In nats, from 0.
        var deficit: Double
        var count: Double
    }

    /// By deficit, ascending.
    var levels: [Level] = []

    /// - Parameter deficit: How far the token of a rank, from 1, lies below the first. It does not descend.
    init(vocabularySize: Int, deficit: (_ rank: Double) -> Double) {
        // The first ranks are told one by one. Further down neighbors differ by next to nothing.
        var first = 1
        while first <= vocabularySize {
            let count = min(first <= 1024 ? 1 : first / 64, vocabularySize + 1 - first)
            levels.append(Level(deficit: deficit(Double(first) + Double(count - 1) / 2), count: Double(count)))
            first += count
        }
    }

    /// Rows with the shapes that generators have: nearly flat, Zipf's law, one token far ahead.
    static func references(vocabularySize size: Int) -> [LevelRow] {
        let flat = [0.5, 2, 4, 8].map { width in LevelRow(vocabularySize: size) { width * ($0 - 1) / Double(size) } }
        let zipf = stride(from: 0.6, through: 2, by: 0.2).map { exponent in
            LevelRow(vocabularySize: size) { exponent * log($0) }
        }
        let peaked = [2.0, 4, 6].map { lead in
            LevelRow(vocabularySize: size) { $0 < 1.5 ? 0 : lead + log($0) }
        }
        return flat + zipf + peaked
    }

    /// Parts the tokens of the largest logits from the others.
    func split(after headSize: Int) -> (head: [Level], tail: [Level]) {
        var (head, tail): ([Level], [Level]) = ([], [])
        var room = Double(headSize)
        for level in levels {
            let kept = min(room, level.count)
            room -= kept
            if kept > 0 { head.append(Level(deficit: level.deficit, count: kept)) }
            if kept < level.count { tail.append(Level(deficit: level.deficit, count: level.count - kept)) }
        }
        return (head, tail)
    }
}

extension [LevelRow.Level] {
    /// Σ count × exp(-β deficit).
    func mass(at inverseTemperature: Double) -> Double {
        reduce(0) { $0 + $1.count * exp(-inverseTemperature * $1.deficit) }
    }
}

/// What a shard keeps of a ``LevelRow``: by the codes that a shard has, without a shard.
struct StoredLevelRow {
    private let range: TemperatureRange
    private let nodes: [Double]
    private let head: [LevelRow.Level]
    private let tail: [LevelRow.Level]
    /// [nodes] The tail's log-mass.
    private let logMasses: [Double]

    init(_ row: LevelRow, in header: ShardHeader) {
        range = header.temperatureRange
        nodes = header.tailNodes
        (head, tail) = row.split(after: header.headSize)
        let tail = tail
        logMasses = nodes.map { node in
            Double(Quantization.tailCode(logMass: log(tail.mass(at: node)))) * Quantization.tailStep
        }
    }

    /// Total variation between what a replay draws and softmax(z/T).
    func deviation(at temperature: Double) -> Double {
        let exactTotal = head.mass(at: 1 / temperature) + tail.mass(at: 1 / temperature)
        let stored = head.map { level in
            level.count * exp(-Quantization.headDeficit(Quantization.headCode(deficit: level.deficit)) / temperature)
        }
        var logMass = 0.0
        if !nodes.isEmpty {
            let coefficients = NodeInterpolation.coefficients(at: 1 / temperature, nodes: nodes[...])
            for (coefficient, value) in zip(coefficients, logMasses) { logMass += coefficient * value }
        }
        // Without a head the tail's mass does not matter, without a tail there is none.
        let tailWeight = tail.isEmpty ? 0 : nodes.isEmpty ? 1 : exp(min(64, logMass))
        let storedTotal = stored.reduce(0, +) + tailWeight
        var distance = 0.0
        for (level, weight) in zip(head, stored) {
            distance += abs(weight / storedTotal - level.count * exp(-level.deficit / temperature) / exactTotal)
        }
        // A race is exact for the last temperature at which its changes were written down: up to a part lower.
        let raced = max(range.minimum, temperature - range.partWidth)
        let racedMass = tail.mass(at: 1 / raced)
        for level in tail {
            let drawn = tailWeight / storedTotal * level.count * exp(-level.deficit / raced) / racedMass
            distance += abs(drawn - level.count * exp(-level.deficit / temperature) / exactTotal)
        }
        return distance / 2
    }
}

extension TemperatureRange {
    /// Between two temperatures that the change of a race's lead can be written down at.
    var partWidth: Double { (maximum - minimum) / Double(Quantization.temperatureParts) }

    /// Temperatures all over the range, both ends included, at equal ratios.
    func temperatures(_ count: Int) -> [Double] {
        if minimum == maximum { return [minimum] }
        return (0..<count).map { index in
            index == count - 1
                ? maximum : minimum * exp(log(maximum / minimum) * Double(index) / Double(count - 1))
        }
    }
}
