import Storage

extension SequenceBlock {
    /// Reads the columns of a decompressed block. The counts are checked against the bytes that are there before
    /// anything is allocated.
    init(content: UnsafeBufferPointer<UInt8>, _ shape: BlockShape, at location: ErrorLocation) throws(ShardError) {
        self.init(shape: shape)
        if content.count < BlockCounts.byteCount {
            throw ShardError(.blockShapeMismatch, "the block is too short for its counts", at: location)
        }
        let counts = BlockCounts(content: content)
        guard let layout = BlockLayout(shape: shape, counts: counts),
            let columns = ColumnReader(content: content, layout: layout)
        else {
            throw ShardError(
                .blockShapeMismatch,
                "columns of \(counts.sequences) sequences, \(counts.tokens) tokens, \(counts.maskedPositions) masked "
                    + "positions with \(counts.candidates) candidates, \(counts.tails) tails and \(counts.races) races, and "
                    + "\(counts.leadChanges) lead changes do not cover the block's \(content.count) bytes", at: location
            )
        }
        try readSequences(columns, counts, at: location)
        try readPositions(columns, at: location)
        try readHead(columns, counts, at: location)
        try readTail(columns, counts, at: location)
        try readRaces(columns, at: location)
    }

    private mutating func readSequences(
        _ columns: ColumnReader, _ counts: BlockCounts, at location: ErrorLocation
    ) throws(ShardError) {
        tokenOffsets = try Self.offsets(
            columns.codes(.lengths), 1...shape.maximumLength, total: Int(counts.tokens), .lengths, at: location)
        sources = columns.codes(.sources)
        if let source = sources.first(where: { Int($0) >= shape.sourceCount }) {
            throw ShardError(
                .lengthsMismatch,
                "in column \(Column.sources), source \(source) is not one of the header's \(shape.sourceCount)",
                at: location)
        }
        secondSegments = columns.codes(.secondSegments)
        for row in 0..<sequenceCount where Int(secondSegments[row]) >= tokenRange(ofSequence: row).count {
            throw ShardError(
                .positionOutOfRange,
                "in column \(Column.secondSegments), a segment begins at \(secondSegments[row]) of the block's sequence "
                    + "\(row) of \(tokenRange(ofSequence: row).count) tokens", at: location)
        }
        maskOffsets = try Self.offsets(
            columns.codes(.maskCounts), 0...shape.maximumLength, total: Int(counts.maskedPositions), .maskCounts,
            at: location)
        tokens = try ids(columns, .tokens, at: location)
    }

    private mutating func readPositions(_ columns: ColumnReader, at location: ErrorLocation) throws(ShardError) {
        maskedPositions = columns.codes(.maskGaps).map(Int32.init)
        for row in 0..<sequenceCount {
            var next: Int32 = 0
            for masked in maskedRange(ofSequence: row) {
                maskedPositions[masked] += next
                next = maskedPositions[masked] + 1
                // Gaps are below 2^16 and lengths too: checking at every step keeps the sum from overflowing.
                if next > Int32(tokenRange(ofSequence: row).count) {
                    throw ShardError(
                        .positionOutOfRange,
                        "in column \(Column.maskGaps), position \(next - 1) is masked in the block's sequence \(row) of "
                            + "\(tokenRange(ofSequence: row).count) tokens", at: location)
                }
            }
        }
    }

    private mutating func readHead(
        _ columns: ColumnReader, _ counts: BlockCounts, at location: ErrorLocation
    ) throws(ShardError) {
        let candidateCounts = columns.numbers(.candidateCounts)
        candidateOffsets = try Self.offsets(
            candidateCounts.lazy.map { Int(UInt32(bitPattern: $0)) }, shape.candidateCounts,
            total: Int(counts.candidates), .candidateCounts, at: location)
        let byRank = CandidateOrder(offsets: candidateOffsets)
        let ranked = try ids(columns, .headIDs, at: location)
        headIDs = byRank.byPosition(ranked)
        // The first codes are 0 and not stored.
        let gaps = byRank.byPosition([UInt16](repeating: 0, count: maskedCount) + columns.codes(.headGaps))
        headCodes = gaps
        for masked in 0..<maskedCount {
            var code: UInt16 = 0
            for index in candidateRange(ofMasked: masked) {
                let sum = code.addingReportingOverflow(gaps[index])
                if sum.overflow {
                    throw ShardError(
                        .headOutOfOrder, "in column \(Column.headGaps), gaps of one position exceed 65535 in all",
                        at: location)
                }
                code = sum.partialValue
                headCodes[index] = code
            }
        }
        try readOriginals(columns, at: location)
    }

    private mutating func readOriginals(_ columns: ColumnReader, at location: ErrorLocation) throws(ShardError) {
        let gaps = columns.codes(.originalGaps)
        originalCodes.reserveCapacity(maskedCount)
        originalRanks.reserveCapacity(maskedCount)
        for row in 0..<sequenceCount {
            let start = Int(tokenOffsets[row])
            for masked in maskedRange(ofSequence: row) {
                let original = tokens[start + Int(maskedPositions[masked])]
                let candidates = candidateRange(ofMasked: masked)
                let index = candidates.first { headIDs[$0] == original }
                if (gaps[masked] == 0) != (index != nil) {
                    throw ShardError(
                        .headOutOfOrder,
                        "in column \(Column.originalGaps), original \(original) is said to be "
                            + (index == nil ? "a candidate, which it is not" : "no candidate, which it is"),
                        at: location)
                }
                originalRanks.append(index.map { Int32($0 - candidates.lowerBound) } ?? -1)
                if let index {
                    originalCodes.append(headCodes[index])
                    continue
                }
                let code = Int(headCodes[candidates.upperBound - 1]) + Int(gaps[masked]) - 1
                if gaps[masked] == Quantization.headZero {
                    originalCodes.append(Quantization.headZero)
                } else if let code = UInt16(exactly: code) {
                    originalCodes.append(code)
                } else {
                    throw ShardError(
                        .headOutOfOrder, "in column \(Column.originalGaps), an original has code \(code), above 65535",
                        at: location)
                }
            }
        }
    }

    private mutating func readTail(
        _ columns: ColumnReader, _ counts: BlockCounts, at location: ErrorLocation
    ) throws(ShardError) {
        let raceCounts = columns.codes(.raceCounts)
        raceOffsets = try Self.offsets(
            raceCounts, 0...(shape.mayHaveTail ? Quantization.mostRaces : 0), total: Int(counts.races), .raceCounts,
            at: location)
        tailOffsets.reserveCapacity(maskedCount + 1)
        for count in raceCounts { tailOffsets.append(tailOffsets[tailOffsets.count - 1] + (count > 0 ? 1 : 0)) }
        if tailCount != Int(counts.tails) {
            throw ShardError(
                .lengthsMismatch,
                "column \(Column.raceCounts) gives \(tailCount) positions a tail, but the block has \(counts.tails)",
                at: location)
        }
        let size = shape.nodeCount
        let tails = tailCount
        let differences = columns.codes(.tailCodes)
        let prediction = TailPrediction(places: shape.nodePlaces)
        guard !differences.isEmpty else { return }
        tailCodes = [Int16](unsafeUninitializedCapacity: differences.count) { codes, count in
            guard let base = codes.baseAddress else { return }
            for index in 0..<tails {
                let position = base + index * size
                for (stored, node) in prediction.order.enumerated() {
                    let folded = differences[stored * tails + index]
                    let difference = Int16(bitPattern: folded >> 1 ^ (0 &- (folded & 1)))
                    let code = prediction.code(storedAt: stored, from: position) &+ difference
                    (position + node).initialize(to: code)
                }
            }
            count = differences.count
        }
    }

    private mutating func readRaces(_ columns: ColumnReader, at location: ErrorLocation) throws(ShardError) {
        winners = try ids(columns, .winners, at: location)
        let changes = columns.codes(.changeCounts)
        let gaps = columns.codes(.changeGaps)
        winnerOffsets = [0]
        winnerOffsets.reserveCapacity(changes.count + 1)
        changeCodes.reserveCapacity(gaps.count)
        for race in changes.indices {
            let end = changeCodes.count + Int(changes[race])
            if end > gaps.count {
                throw ShardError(
                    .raceOutOfOrder,
                    "column \(Column.changeCounts) announces more than the block's \(gaps.count) lead "
                        + "changes", at: location)
            }
            var next = 1
            while changeCodes.count < end {
                let code = next + Int(gaps[changeCodes.count])
                if code > shape.changeParts {
                    throw ShardError(
                        .raceOutOfOrder,
                        "in column \(Column.changeGaps), a lead changes at \(code) of \(shape.changeParts) "
                            + "parts of the temperature range", at: location)
                }
                changeCodes.append(UInt16(code))
                next = code + 1
            }
            winnerOffsets.append(Int32(end + race + 1))
        }
        if changeCodes.count != gaps.count {
            throw ShardError(
                .raceOutOfOrder,
                "column \(Column.changeCounts) announces \(changeCodes.count) lead changes, but the "
                    + "block has \(gaps.count)", at: location)
        }
    }

    private func ids(
        _ columns: ColumnReader, _ column: Column, at location: ErrorLocation
    ) throws(ShardError) -> [Int32] {
        let ids = columns.numbers(column)
        let limit = UInt32(shape.vocabularySize)
        let largest = ids.reduce(0) { max($0, UInt32(bitPattern: $1)) }
        if largest >= limit {
            throw ShardError(
                .tokenOutOfRange,
                "in column \(column), token \(largest) is not in the vocabulary of \(shape.vocabularySize)",
                at: location)
        }
        return ids
    }

    private static func offsets(
        _ counts: some Collection<some BinaryInteger>, _ limits: ClosedRange<Int>, total: Int, _ column: Column,
        at location: ErrorLocation
    ) throws(ShardError) -> [Int32] {
        var offsets: [Int32] = [0]
        offsets.reserveCapacity(counts.count + 1)
        var sum = 0
        for (row, count) in counts.enumerated() {
            if !limits.contains(Int(count)) {
                throw ShardError(
                    .lengthsMismatch,
                    "in column \(column), number \(row) of the block has \(count), not \(limits.lowerBound) to "
                        + "\(limits.upperBound)", at: location)
            }
            sum += Int(count)
            if sum > total { break }
            offsets.append(Int32(sum))
        }
        if sum != total {
            throw ShardError(
                .lengthsMismatch, "column \(column) adds up to \(sum) or more, but the block has \(total)", at: location
            )
        }
        return offsets
    }
}
