import Storage

extension ShardHeader {
    /// How many visits can be independent draws where there are tails.
    public static let visitCounts = 1...256
    /// Where nobody asks for another.
    public static let usualVisitCount = 4
    /// Names in ``sources``.
    public static let mostSources = 1024

    /// The limits of version 1.0.
    enum Limit {
        static let vocabularySize = (1 << 31) - 1
        static let maximumLength = (1 << 16) - 1
        static let tailNodeCount = 64
        static let changeParts = 65_535
        static let blockSize = 1 << 20
        static let pass = (1 << 16) - 1
        static let sequence: UInt64 = 1 << 48
        static let temperature = 0x1p-6...0x1p6
    }

    /// Refuses values that break a limit of the format or contradict one another.
    func validate(in file: String) throws(ShardError) {
        func require(_ condition: Bool, _ field: String, _ value: any Sendable, _ rule: String) throws(ShardError) {
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
        try validateTokensAndSources(require)
        try require(
            (1...vocabularySize).contains(leastCandidates), "leastCandidates", leastCandidates,
            "1 to vocabularySize \(vocabularySize)")
        try require(
            (leastCandidates...vocabularySize).contains(mostCandidates), "mostCandidates", mostCandidates,
            "leastCandidates \(leastCandidates) to vocabularySize \(vocabularySize)")
        let range = temperatureRange
        try require(
            Limit.temperature.contains(range.minimum) && Limit.temperature.contains(range.maximum)
                && range.minimum <= range.maximum,
            "temperatureRange", range, "ascending within 1/64 to 64")
        if isDense {
            try require(visitCount == 0, "visitCount", visitCount, "0 where every token is a candidate")
            try require(tailNodes.isEmpty, "tailNodes", tailNodes, "empty where every token is a candidate")
        } else {
            let (least, most) = (Self.visitCounts.lowerBound, Self.visitCounts.upperBound)
            try require(Self.visitCounts.contains(visitCount), "visitCount", visitCount, "\(least) to \(most)")
            try require(
                (1...Limit.tailNodeCount).contains(tailNodes.count), "the number of tailNodes", tailNodes.count,
                "1 to \(Limit.tailNodeCount)")
            try require(
                tailNodes.first == range.minimum && tailNodes.last == range.maximum, "tailNodes", tailNodes,
                "from \(range.minimum) to \(range.maximum), the ends of temperatureRange")
            // Nodes too close to one another would make the polynomial through them meaningless.
            let places = tailNodes.map(range.place(of:))
            let apart = (range.place(of: range.maximum) - range.place(of: range.minimum)) / 4096
            let ascends = zip(places, places.dropFirst()).allSatisfy { $1 > $0 && $1 - $0 >= apart }
            try require(ascends, "tailNodes", tailNodes, "ascending, 1/4096 of their range apart")
        }
        try require(
            (1...Limit.changeParts).contains(changeParts), "changeParts", changeParts, "1 to \(Limit.changeParts)")
        try require((0...1).contains(deviation), "deviation", deviation, "0 to 1")
        try require((1...Limit.blockSize).contains(blockSize), "blockSize", blockSize, "1 to \(Limit.blockSize)")
        try require((0...Limit.pass).contains(pass), "pass", pass, "0 to \(Limit.pass)")
        try require(firstSequence < Limit.sequence, "firstSequence", firstSequence, "below 2^48")
    }

    private func validateTokensAndSources(
        _ require: (Bool, String, any Sendable, String) throws(ShardError) -> Void
    ) throws(ShardError) {
        var next: Int32 = 0
        var ascends = true
        for range in neverDrawn {
            // The last one may be the largest of all numbers.
            ascends = ascends && range.first >= next && range.last >= range.first && Int(range.last) < vocabularySize
            next = range.last < .max ? range.last + 1 : .max
        }
        try require(
            ascends, "neverDrawn", "\(neverDrawn)", "ascending ranges of tokens below vocabularySize \(vocabularySize)")
        try require(
            (1...Self.mostSources).contains(sources.count) && Set(sources).count == sources.count, "sources",
            "\(sources)",
            "1 to \(Self.mostSources) different names")
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

    /// The values that the shards of a data set share, as text that differs where the values do.
    private static let sharedValues: [(field: String, value: @Sendable (Self) -> String)] = [
        ("vocabularySize", { "\($0.vocabularySize)" }),
        ("vocabularySHA256", { $0.vocabularySHA256 }),
        ("generatorSHA256", { $0.generatorSHA256 }),
        ("specialTokens", { $0.specialTokens.description }),
        ("maximumLength", { "\($0.maximumLength)" }),
        ("maskProbability", { "\($0.maskProbability)" }),
        ("seed", { "\($0.seed)" }),
        ("neverDrawn", { "\($0.neverDrawn)" }),
        ("sources", { "\($0.sources)" }),
        ("leastCandidates", { "\($0.leastCandidates)" }),
        ("mostCandidates", { "\($0.mostCandidates)" }),
        ("visitCount", { "\($0.visitCount)" }),
        ("temperatureRange", { "\($0.temperatureRange)" }),
        ("tailNodes", { "\($0.tailNodes)" }),
        ("changeParts", { "\($0.changeParts)" }),
        ("deviation", { "\($0.deviation)" }),
        ("blockSize", { "\($0.blockSize)" }),
    ]
}
