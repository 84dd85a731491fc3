import Storage

extension SequenceBlock {
    /// Reads the columns of a decompressed block. The counts are checked against the bytes that are there before
    /// anything is allocated.
    init(content: UnsafeBufferPointer<UInt8>, _ shape: BlockShape, at location: ErrorLocation) throws(ShardError) {
        self.init(shape: shape)
        if content.count < BlockCounts.byteCount {
            throw ShardError(.blockShapeMismatch, "the block is too short for its counts", at: location)
        }
        let counts = BlockCounts(
            sequences: content.littleEndian(at: 0), tokens: content.littleEndian(at: 4),
            maskedPositions: content.littleEndian(at: 8), leadChanges: content.littleEndian(at: 12))
        guard let layout = BlockLayout(shape: shape, counts: counts),
            let columns = ColumnReader(content: content, layout: layout)
        else {
            throw ShardError(
                .blockShapeMismatch,
                "columns of \(counts.sequences) sequences, \(counts.tokens) tokens, \(counts.maskedPositions) masked "
                    + "positions and \(counts.leadChanges) lead changes do not cover the block's \(content.count) bytes",
                at: location)
        }
        try readSequences(columns, counts, at: location)
        try readHead(columns, at: location)
        readTail(columns)
        try readRaces(columns, at: location)
    }

    private mutating func readSequences(
        _ columns: ColumnReader, _ counts: BlockCounts, at location: ErrorLocation
    ) throws(ShardError) {
        tokenOffsets = try Self.offsets(
            columns.codes(.lengths), 1...shape.maximumLength, total: Int(counts.tokens), .lengths, at: location)
        maskOffsets = try Self.offsets(
            columns.codes(.maskCounts), 0...shape.maximumLength, total: Int(counts.maskedPositions), .maskCounts,
            at: location)
        tokens = try ids(columns, .tokens, at: location)

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

    private mutating func readHead(_ columns: ColumnReader, at location: ErrorLocation) throws(ShardError) {
        // A head of 2^31 tokens is no work where nothing is masked.
        if maskedCount == 0 { return }
        try readHeadIDs(columns, at: location)
        try readHeadCodes(columns, at: location)
    }

    private mutating func readHeadIDs(_ columns: ColumnReader, at location: ErrorLocation) throws(ShardError) {
        let size = shape.headSize
        let masked = maskedCount
        let ranked = try ids(columns, .headIDs, at: location)
        headIDs = [Int32](unsafeUninitializedCapacity: ranked.count) { ids, count in
            for rank in 0..<size {
                for index in 0..<masked {
                    ids.initializeElement(at: index * size + rank, to: ranked[rank * masked + index])
                }
            }
            count = ranked.count
        }
    }

    private mutating func readHeadCodes(_ columns: ColumnReader, at location: ErrorLocation) throws(ShardError) {
        let size = shape.headSize
        let masked = maskedCount
        let gaps = columns.codes(.headGaps)
        var overflow = false
        headCodes = [UInt16](unsafeUninitializedCapacity: masked * size) { codes, count in
            for index in 0..<masked {
                var code: UInt16 = 0
                for rank in 0..<size {
                    if rank > 0 {
                        let sum = code.addingReportingOverflow(gaps[(rank - 1) * masked + index])
                        overflow = overflow || sum.overflow
                        code = sum.partialValue
                    }
                    codes.initializeElement(at: index * size + rank, to: code)
                }
            }
            count = masked * size
        }
        if overflow {
            throw ShardError(
                .headOutOfOrder, "in column \(Column.headGaps), gaps of one position exceed 65535 in all", at: location)
        }
    }

    private mutating func readTail(_ columns: ColumnReader) {
        let size = shape.tailNodeCount
        let masked = maskedCount
        let differences = columns.codes(.tailCodes)
        let prediction = TailPrediction(nodes: shape.tailNodes)
        guard !differences.isEmpty else { return }
        tailCodes = [Int16](unsafeUninitializedCapacity: differences.count) { codes, count in
            guard let base = codes.baseAddress else { return }
            for index in 0..<masked {
                let position = base + index * size
                for node in 0..<size {
                    let folded = differences[node * masked + index]
                    let difference = Int16(bitPattern: folded >> 1 ^ (0 &- (folded & 1)))
                    let code = prediction.code(ofNode: node, from: position) &+ difference
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
                if code > Quantization.temperatureParts {
                    throw ShardError(
                        .raceOutOfOrder,
                        "in column \(Column.changeGaps), a lead changes at \(code) of \(Quantization.temperatureParts) "
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
        _ counts: [UInt16], _ limits: ClosedRange<Int>, total: Int, _ column: Column, at location: ErrorLocation
    ) throws(ShardError) -> [Int32] {
        var offsets: [Int32] = [0]
        offsets.reserveCapacity(counts.count + 1)
        var sum = 0
        for (row, count) in counts.enumerated() {
            if !limits.contains(Int(count)) {
                throw ShardError(
                    .lengthsMismatch,
                    "in column \(column), the block's sequence \(row) has \(count), not \(limits.lowerBound) to "
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
