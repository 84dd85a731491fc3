/// Building a block, from the first sequence to the last, in each from the first masked position to the last.
///
/// What is appended comes from our own generator, so contradictions are preconditions.
extension SequenceBlock {
    /// Starts a new sequence of original token ids; its masked positions follow.
    public mutating func appendSequence(_ sequence: Span<Int32>) {
        precondition((1...shape.maximumLength).contains(sequence.count))
        for index in sequence.indices {
            precondition(isToken(sequence[index]))
            tokens.append(sequence[index])
        }
        tokenOffsets.append(Int32(tokens.count))
        maskOffsets.append(Int32(maskedPositions.count))
    }

    /// Starts the next masked position of the last sequence; its ``shape``'s number of races follows.
    ///
    /// - Parameters:
    ///   - position: Index in the sequence, above the sequence's last masked position.
    ///   - headIDs: [k] The tokens of the largest logits.
    ///   - headLogits: [k] Their logits, descending.
    ///   - tailLogMasses: [nodes] log Σ exp(β (z - largest z)) over the tail at each of the header's nodes β.
    public mutating func appendMaskedPosition(
        _ position: Int, headIDs ids: Span<Int32>, headLogits logits: Span<Float>, tailLogMasses: Span<Double>
    ) {
        precondition(sequenceCount > 0 && ids.count == shape.headSize && logits.count == shape.headSize)
        precondition(tailLogMasses.count == shape.tailNodeCount)
        precondition(maskedCount == 0 || winnerOffsets.count == maskedCount * shape.raceCount + 1)
        let row = sequenceCount - 1
        precondition(tokenRange(ofSequence: row).count > position && position >= 0)
        precondition(maskedRange(ofSequence: row).isEmpty || maskedPositions[maskedCount - 1] < position)
        maskedPositions.append(Int32(position))
        maskOffsets[row + 1] = Int32(maskedPositions.count)
        var previous: UInt16 = 0
        for index in ids.indices {
            precondition(isToken(ids[index]))
            headIDs.append(ids[index])
            let code = Quantization.headCode(deficit: Double(logits[0]) - Double(logits[index]))
            precondition(code >= previous)
            headCodes.append(code)
            previous = code
        }
        for index in tailLogMasses.indices {
            tailCodes.append(Quantization.tailCode(logMass: tailLogMasses[index]))
        }
    }

    /// Appends the next race of the last masked position.
    ///
    /// - Parameters:
    ///   - leaders: The tokens that lead, from the range's lowest temperature up; at least one.
    ///   - changes: Where each but the first takes the lead (``Quantization/temperaturePosition(_:in:)``), ascending.
    ///     A token that leads for less than the codes can tell is left out.
    public mutating func appendRace(leaders: Span<Int32>, changes: Span<Double>) {
        precondition(leaders.count == changes.count + 1)
        precondition(winnerOffsets.count <= maskedCount * shape.raceCount)
        precondition(isToken(leaders[0]))
        winners.append(leaders[0])
        var previous = 0
        for index in changes.indices {
            precondition(isToken(leaders[index + 1]))
            // Rounding up makes the reading at T exact for the largest part not above T, and so at both ends.
            let code = Int(max(0, min(Double(Quantization.temperatureParts), changes[index].rounded(.up))))
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
    }

    /// Appends the sequences of `other`, which has the same shape: what several workers built becomes one block.
    public mutating func append(contentsOf other: SequenceBlock) {
        precondition(shape == other.shape)
        let tokenBase = Int32(tokens.count)
        let maskBase = Int32(maskedPositions.count)
        let winnerBase = Int32(winners.count)
        tokenOffsets += other.tokenOffsets.dropFirst().map { $0 + tokenBase }
        tokens += other.tokens
        maskOffsets += other.maskOffsets.dropFirst().map { $0 + maskBase }
        maskedPositions += other.maskedPositions
        headIDs += other.headIDs
        headCodes += other.headCodes
        tailCodes += other.tailCodes
        winnerOffsets += other.winnerOffsets.dropFirst().map { $0 + winnerBase }
        winners += other.winners
        changeCodes += other.changeCodes
    }

    /// Empties the block, keeping its memory.
    public mutating func removeAll() {
        tokenOffsets.removeSubrange(1...)
        tokens.removeAll(keepingCapacity: true)
        maskOffsets.removeSubrange(1...)
        maskedPositions.removeAll(keepingCapacity: true)
        headIDs.removeAll(keepingCapacity: true)
        headCodes.removeAll(keepingCapacity: true)
        tailCodes.removeAll(keepingCapacity: true)
        winnerOffsets.removeSubrange(1...)
        winners.removeAll(keepingCapacity: true)
        changeCodes.removeAll(keepingCapacity: true)
    }

    private func isToken(_ id: Int32) -> Bool {
        id >= 0 && Int(id) < shape.vocabularySize
    }
}
