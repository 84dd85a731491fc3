import Storage

extension ShardHeader {
    /// How many races a masked position may have where there is a tail.
    public static let raceCounts = 1...256

    /// The limits of version 1.
    enum Limit {
        static let vocabularySize = (1 << 31) - 1
        static let maximumLength = (1 << 16) - 1
        static let tailNodeCount = 16
        static let blockSize = 1 << 20
        static let pass = (1 << 16) - 1
        static let sequence: UInt64 = 1 << 48
        static let temperature = 0x1p-6...0x1p6
    }

    /// Refuses values that break a limit of the format or contradict one another.
    func validate(in file: String) throws(ShardError) {
        func require(_ condition: Bool, _ field: String, _ value: some Any, _ rule: String) throws(ShardError) {
            if !condition {
                throw ShardError(
                    .headerOutOfRange, "\(field) is \(excerpt("\(value)")), but must be \(rule)",
                    at: ErrorLocation(file: file, .byte(HeaderFrame.jsonOffset)))
            }
        }
        try require(
            (1...Limit.vocabularySize).contains(vocabularySize), "vocabularySize", vocabularySize,
            "1 to \(Limit.vocabularySize)")
        for (field, digest) in [("vocabularySHA256", vocabularySHA256), ("generatorSHA256", generatorSHA256)] {
            let isHexadecimal = digest.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
            try require(digest.utf8.count == 64 && isHexadecimal, field, digest, "64 lower-case hexadecimal digits")
        }
        for (name, id) in [
            ("padding", specialTokens.padding), ("classification", specialTokens.classification),
            ("separator", specialTokens.separator), ("mask", specialTokens.mask),
        ] {
            try require(
                id >= 0 && Int(id) < vocabularySize, "specialTokens.\(name)", id,
                "below vocabularySize \(vocabularySize)")
        }
        try require(
            (1...Limit.maximumLength).contains(maximumLength), "maximumLength", maximumLength,
            "1 to \(Limit.maximumLength)")
        try require(
            maskProbability > 0 && maskProbability <= 1, "maskProbability", maskProbability, "above 0 and at most 1")
        try require(
            (0...vocabularySize).contains(headSize), "headSize", headSize, "0 to vocabularySize \(vocabularySize)")
        let range = temperatureRange
        try require(
            Limit.temperature.contains(range.minimum) && Limit.temperature.contains(range.maximum)
                && range.minimum <= range.maximum,
            "temperatureRange", range, "ascending within 1/64 to 64")
        if headSize < vocabularySize {
            let (least, most) = (Self.raceCounts.lowerBound, Self.raceCounts.upperBound)
            try require(
                Self.raceCounts.contains(raceCount), "raceCount", raceCount, "\(least) to \(most) with a tail")
        } else {
            try require(raceCount == 0, "raceCount", raceCount, "0 without a tail")
        }
        if headSize > 0, headSize < vocabularySize {
            try require(
                (1...Limit.tailNodeCount).contains(tailNodes.count), "the number of tailNodes", tailNodes.count,
                "1 to \(Limit.tailNodeCount) with head and tail")
            // Nodes too close to one another would make the polynomial through them meaningless.
            let apart = (1 / range.minimum - 1 / range.maximum) / 1024
            let ascends = zip(tailNodes, tailNodes.dropFirst()).allSatisfy { $1 > $0 && $1 - $0 >= apart }
            try require(ascends, "tailNodes", tailNodes, "ascending, 1/1024 of their range apart")
            try require(
                tailNodes.first == 1 / range.maximum && tailNodes.last == 1 / range.minimum, "tailNodes", tailNodes,
                "from \(1 / range.maximum) to \(1 / range.minimum), one over the ends of temperatureRange")
        } else {
            try require(tailNodes.isEmpty, "tailNodes", tailNodes, "empty without both head and tail")
        }
        try require((1...Limit.blockSize).contains(blockSize), "blockSize", blockSize, "1 to \(Limit.blockSize)")
        try require((0...Limit.pass).contains(pass), "pass", pass, "0 to \(Limit.pass)")
        try require(firstSequence < Limit.sequence, "firstSequence", firstSequence, "below 2^48")
    }

    /// The first value that two shards of one data set would share and these do not: its name and both values.
    func disagreement(with other: Self) -> (field: String, own: String, other: String)? {
        for (field, value) in Self.sharedValues {
            let own = value(self)
            let others = value(other)
            if own != others { return (field, own, others) }
        }
        return nil
    }

    /// What the shards of a data set share, as text that differs where the values do.
    private static let sharedValues: [(field: String, value: @Sendable (Self) -> String)] = [
        ("vocabularySize", { "\($0.vocabularySize)" }),
        ("vocabularySHA256", { $0.vocabularySHA256 }),
        ("generatorSHA256", { $0.generatorSHA256 }),
        ("specialTokens", { $0.specialTokens.description }),
        ("maximumLength", { "\($0.maximumLength)" }),
        ("maskProbability", { "\($0.maskProbability)" }),
        ("seed", { "\($0.seed)" }),
        ("headSize", { "\($0.headSize)" }),
        ("raceCount", { "\($0.raceCount)" }),
        ("temperatureRange", { "\($0.temperatureRange)" }),
        ("tailNodes", { "\($0.tailNodes)" }),
        ("blockSize", { "\($0.blockSize)" }),
    ]
}
