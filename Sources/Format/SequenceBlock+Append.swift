/// Building a block, from the first sequence to the last, in each from the first masked position to the last.
///
/// The appended values come from our own generator, so contradictions are preconditions.
extension SequenceBlock {
    /// Starts a new sequence of original token ids; its masked positions follow.
    ///
    /// - Parameters:
    ///   - sequence: From `[CLS]` to `[SEP]`, at most the header's greatest length.
    ///   - source: Where it comes from, an index into the header's names.
    ///   - secondSegment: Where the second segment of a pair begins; 0 if there is one segment.
    public mutating func appendSequence(_ sequence: Span<Int32>, source: Int = 0, secondSegment: Int = 0) {
        precondition((1...shape.maximumLength).contains(sequence.count))
        precondition((0..<shape.sourceCount).contains(source) && (0..<sequence.count).contains(secondSegment))
        for index in sequence.indices {
            precondition(isToken(sequence[index]))
            tokens.append(sequence[index])
        }
        tokenOffsets.append(Int32(tokens.count))
        sources.append(UInt16(source))
        secondSegments.append(UInt16(secondSegment))
        maskOffsets.append(Int32(maskedPositions.count))
    }

    /// The token that the text has at a position of the last sequence.
    public func original(atPosition position: Int) -> Int32 {
        tokens[Int(tokenOffsets[sequenceCount - 1]) + position]
    }

    /// Starts the next masked position of the last sequence; its races follow, if it has a tail.
    ///
    /// - Parameters:
    ///   - position: Index in the sequence, above the sequence's last masked position.
    ///   - ids: [k] The tokens of the largest logits.
    ///   - deficits: [k] How far their logits lie below the largest, in units of the lowest temperature, ascending from 0.
    ///   - originalDeficit: The same of the original.
    ///   - tailLogMasses: [nodes] log Σ exp((z - largest z) / T) at each of the header's nodes T, over all tokens but those
    ///     of the head and the original; none where no such token can be drawn.
    public mutating func appendMaskedPosition(
        _ position: Int, headIDs ids: Span<Int32>, deficits: Span<Double>, originalDeficit: Double,
        tailLogMasses: Span<Double>
    ) {
        precondition(sequenceCount > 0 && shape.candidateCounts.contains(ids.count) && deficits.count == ids.count)
        precondition(tailLogMasses.isEmpty || shape.mayHaveTail && tailLogMasses.count == shape.nodeCount)
        let row = sequenceCount - 1
        precondition(tokenRange(ofSequence: row).count > position && position >= 0)
        precondition(maskedRange(ofSequence: row).isEmpty || maskedPositions[maskedCount - 1] < position)
        let original = original(atPosition: position)
        maskedPositions.append(Int32(position))
        maskOffsets[row + 1] = Int32(maskedPositions.count)
        var previous: UInt16 = 0
        var originalRank: Int32 = -1
        for index in ids.indices {
            precondition(isToken(ids[index]))
            headIDs.append(ids[index])
            let code = Quantization.headCode(deficit: deficits[index])
            precondition(code >= previous)
            headCodes.append(code)
            previous = code
            if originalRank < 0, ids[index] == original { originalRank = Int32(index) }
        }
        originalRanks.append(originalRank)
        if originalRank < 0 {
            let code = max(previous, Quantization.headCode(deficit: originalDeficit))
            // The stored value is the gap to the last candidate, plus 1: its largest value says that there is no weight.
            originalCodes.append(code - previous < .max - 1 ? code : Quantization.headZero)
        } else {
            originalCodes.append(headCodes[headCodes.count - ids.count + Int(originalRank)])
        }
        candidateOffsets.append(Int32(headIDs.count))
        for index in tailLogMasses.indices {
            tailCodes.append(Quantization.tailCode(logMass: tailLogMasses[index]))
        }
        tailOffsets.append(Int32(tailCount + (tailLogMasses.isEmpty ? 0 : 1)))
        raceOffsets.append(Int32(raceCount))
    }

    /// Appends the next race of the last masked position, which has a tail.
    ///
    /// - Parameters:
    ///   - leaders: The tokens that lead, from the range's lowest temperature up; at least one.
    ///   - changes: Where each but the first takes the lead (``TemperatureRange/part(of:in:)``), ascending.
    ///     A token that leads for less than the codes can tell is left out.
    public mutating func appendRace(leaders: Span<Int32>, changes: Span<Double>) {
        precondition(leaders.count == changes.count + 1 && maskedCount > 0)
        precondition(!tailRange(ofMasked: maskedCount - 1).isEmpty)
        precondition(raceRange(ofMasked: maskedCount - 1).count < Quantization.mostRaces)
        precondition(isToken(leaders[0]))
        winners.append(leaders[0])
        var previous = 0
        for index in changes.indices {
            precondition(isToken(leaders[index + 1]))
            // To the nearest part: a replay sees a change at most half a part early or late.
            let code = Int(max(0, min(Double(shape.changeParts), changes[index].rounded())))
            precondition(code >= previous)
            if code == previous {
                winners[winners.count - 1] = leaders[index + 1]
            } else {
                winners.append(leaders[index + 1])
                changeCodes.append(UInt16(code))
                previous = code
            }
        }
        winnerOffsets.append(Int32(winners.count))
        raceOffsets[maskedCount] = Int32(raceCount)
    }

    /// Appends the sequences of `other`, which has the same shape: the blocks that several workers built become one.
    public mutating func append(contentsOf other: SequenceBlock) {
        precondition(shape == other.shape)
        func moved(_ offsets: [Int32], by base: Int) -> [Int32] { offsets.dropFirst().map { $0 + Int32(base) } }
        tokenOffsets += moved(other.tokenOffsets, by: tokens.count)
        maskOffsets += moved(other.maskOffsets, by: maskedPositions.count)
        candidateOffsets += moved(other.candidateOffsets, by: headIDs.count)
        raceOffsets += moved(other.raceOffsets, by: raceCount)
        tailOffsets += moved(other.tailOffsets, by: tailCount)
        winnerOffsets += moved(other.winnerOffsets, by: winners.count)
        tokens += other.tokens
        sources += other.sources
        secondSegments += other.secondSegments
        maskedPositions += other.maskedPositions
        headIDs += other.headIDs
        headCodes += other.headCodes
        originalCodes += other.originalCodes
        originalRanks += other.originalRanks
        tailCodes += other.tailCodes
        winners += other.winners
        changeCodes += other.changeCodes
    }

    /// Empties the block, keeping its memory.
    public mutating func removeAll() {
        tokenOffsets.removeSubrange(1...)
        sources.removeAll(keepingCapacity: true)
        secondSegments.removeAll(keepingCapacity: true)
        tokens.removeAll(keepingCapacity: true)
        maskOffsets.removeSubrange(1...)
        maskedPositions.removeAll(keepingCapacity: true)
        candidateOffsets.removeSubrange(1...)
        headIDs.removeAll(keepingCapacity: true)
        headCodes.removeAll(keepingCapacity: true)
        originalCodes.removeAll(keepingCapacity: true)
        originalRanks.removeAll(keepingCapacity: true)
        raceOffsets.removeSubrange(1...)
        tailOffsets.removeSubrange(1...)
        tailCodes.removeAll(keepingCapacity: true)
        winnerOffsets.removeSubrange(1...)
        winners.removeAll(keepingCapacity: true)
        changeCodes.removeAll(keepingCapacity: true)
    }

    private func isToken(_ id: Int32) -> Bool {
        id >= 0 && Int(id) < shape.vocabularySize
    }
}
