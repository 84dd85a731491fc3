/// Some sequences with what the generator says about their masked positions: a decoded block, as columns.
///
/// N sequences hold L tokens, M of them masked; k is the head's size, R the number of races, C the number of lead
/// changes in all races together. Every block that a ``BlockDecoder`` returns, or that is built with the `append`
/// methods, is consistent: offsets ascend, ids are in the vocabulary, head logits descend, lead changes ascend.
public struct SequenceBlock: Sendable, Hashable {
    public let shape: BlockShape

    /// [N + 1] Where each sequence starts in ``tokens``; the last is L.
    public package(set) var tokenOffsets: [Int32] = [0]
    /// [L] Token ids of the original text, special tokens included, without padding.
    public package(set) var tokens: [Int32] = []
    /// [N + 1] Where each sequence's masked positions start in ``maskedPositions``; the last is M.
    public package(set) var maskOffsets: [Int32] = [0]
    /// [M] Masked positions, counted within their sequence, ascending in each.
    public package(set) var maskedPositions: [Int32] = []
    /// [M × k] Ids of each masked position's most probable tokens, by descending logit.
    public package(set) var headIDs: [Int32] = []
    /// [M × k] How far each head logit lies below the largest (``Quantization/headDeficit(_:)``); ascending, the first 0.
    public package(set) var headCodes: [UInt16] = []
    /// [M × nodes] log Σ exp(β (z - largest z)) over the tail at each node β, in steps of ``Quantization/tailStep``.
    public package(set) var tailCodes: [Int16] = []
    /// [M × R + 1] Where each race's winners start in ``winners``.
    public package(set) var winnerOffsets: [Int32] = [0]
    /// [M × R + C] Ids that lead each race, from the range's lowest temperature up.
    public package(set) var winners: [Int32] = []
    /// [C] Where in the temperature range each race's next winner takes the lead, in parts
    /// (``Quantization/temperatureParts``); ascending in each race. Race j's start at `winnerOffsets[j] - j`.
    public package(set) var changeCodes: [UInt16] = []

    public init(shape: BlockShape) {
        self.shape = shape
    }

    /// N.
    public var sequenceCount: Int { tokenOffsets.count - 1 }
    /// L.
    public var tokenCount: Int { tokens.count }
    /// M.
    public var maskedCount: Int { maskedPositions.count }

    /// Indices into ``tokens`` of one sequence.
    @inlinable
    public func tokenRange(ofSequence row: Int) -> Range<Int> {
        Int(tokenOffsets[row])..<Int(tokenOffsets[row + 1])
    }

    /// Indices into ``maskedPositions`` (and, times k, into the head) of one sequence.
    @inlinable
    public func maskedRange(ofSequence row: Int) -> Range<Int> {
        Int(maskOffsets[row])..<Int(maskOffsets[row + 1])
    }

    /// Indices into ``winners`` of one race at one masked position.
    @inlinable
    public func winnerRange(ofMasked masked: Int, race: Int) -> Range<Int> {
        let index = masked * shape.raceCount + race
        return Int(winnerOffsets[index])..<Int(winnerOffsets[index + 1])
    }

    /// Indices into ``changeCodes`` of one race at one masked position.
    @inlinable
    public func changeRange(ofMasked masked: Int, race: Int) -> Range<Int> {
        let index = masked * shape.raceCount + race
        return (Int(winnerOffsets[index]) - index)..<(Int(winnerOffsets[index + 1]) - index - 1)
    }

    /// The leader of one race where the range is at `position` (``Quantization/temperaturePosition(_:in:)``).
    @inlinable
    public func winner(ofMasked masked: Int, race: Int, atPosition position: Double) -> Int32 {
        var index = winnerRange(ofMasked: masked, race: race).lowerBound
        for change in changeRange(ofMasked: masked, race: race) where Double(changeCodes[change]) <= position {
            index += 1
        }
        return winners[index]
    }
}
