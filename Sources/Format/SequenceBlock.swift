/// Some sequences with the generator's predictions at their masked positions: a decoded block, as columns.
///
/// N sequences hold L tokens, M of them masked; these have K candidates and R races in all, D of them a tail, and the lead
/// changes C times. Every block that a ``BlockDecoder`` returns, or that is built with the `append` methods, is consistent:
/// offsets ascend, ids are in the vocabulary, head logits descend, lead changes ascend.
public struct SequenceBlock: Sendable, Hashable {
    public let shape: BlockShape
    /// Where the first sequence stands in its data set; the others follow it.
    public var first = SequencePlace(pass: 0, number: 0)

    /// [N + 1] Where each sequence starts in ``tokens``; the last is L.
    public package(set) var tokenOffsets: [Int32] = [0]
    /// [N] Where each sequence comes from: index into the header's names of sources.
    public package(set) var sources: [UInt16] = []
    /// [N] Where the second segment of each sequence begins; 0 where there is one segment.
    public package(set) var secondSegments: [UInt16] = []
    /// [L] Token ids of the original text, special tokens included, without padding.
    public package(set) var tokens: [Int32] = []
    /// [N + 1] Where each sequence's masked positions start in ``maskedPositions``; the last is M.
    public package(set) var maskOffsets: [Int32] = [0]
    /// [M] Masked positions, counted within their sequence, ascending in each.
    public package(set) var maskedPositions: [Int32] = []
    /// [M + 1] Where each masked position's candidates start in ``headIDs``; the last is K.
    public package(set) var candidateOffsets: [Int32] = [0]
    /// [K] Ids of each masked position's most probable tokens, by descending logit.
    public package(set) var headIDs: [Int32] = []
    /// [K] How far each of their logits lies below the largest (``Quantization/headDeficit(_:)``); ascending in each
    /// position, the first 0.
    public package(set) var headCodes: [UInt16] = []
    /// [M] The code of each masked position's original.
    public package(set) var originalCodes: [UInt16] = []
    /// [M] Its rank among the candidates; -1 where it is none of them.
    public package(set) var originalRanks: [Int32] = []
    /// [M + 1] Where each masked position's races start; the last is R. A position without races has no tail.
    public package(set) var raceOffsets: [Int32] = [0]
    /// [M + 1] How many positions before each one have a tail; the last is D.
    public package(set) var tailOffsets: [Int32] = [0]
    /// [D × nodes] log Σ exp((z - largest z) / T) over the tail at each node T, in steps of ``Quantization/tailStep``.
    public package(set) var tailCodes: [Int32] = []
    /// [R + 1] Where each race's winners start in ``winners``.
    public package(set) var winnerOffsets: [Int32] = [0]
    /// [R + C] Ids that lead each race, from the range's lowest temperature up.
    public package(set) var winners: [Int32] = []
    /// [C] Where in the temperature range each race's next winner takes the lead, in parts of the scale; ascending in each
    /// race. Race j's start at `winnerOffsets[j] - j`.
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
    /// R.
    public var raceCount: Int { winnerOffsets.count - 1 }
    /// D.
    var tailCount: Int { Int(tailOffsets[tailOffsets.count - 1]) }

    /// Where a sequence stands in its data set.
    public func place(ofSequence row: Int) -> SequencePlace {
        SequencePlace(pass: first.pass, number: first.number + UInt64(row))
    }

    /// Indices into ``tokens`` of one sequence.
    @inlinable
    public func tokenRange(ofSequence row: Int) -> Range<Int> {
        Int(tokenOffsets[row])..<Int(tokenOffsets[row + 1])
    }

    /// Indices into ``maskedPositions`` of one sequence.
    @inlinable
    public func maskedRange(ofSequence row: Int) -> Range<Int> {
        Int(maskOffsets[row])..<Int(maskOffsets[row + 1])
    }

    /// Indices into ``headIDs`` and ``headCodes`` of one masked position.
    @inlinable
    public func candidateRange(ofMasked masked: Int) -> Range<Int> {
        Int(candidateOffsets[masked])..<Int(candidateOffsets[masked + 1])
    }

    /// The races of one masked position, among those of all.
    @inlinable
    public func raceRange(ofMasked masked: Int) -> Range<Int> {
        Int(raceOffsets[masked])..<Int(raceOffsets[masked + 1])
    }

    /// Indices into ``tailCodes`` of one masked position: none where it has no tail.
    @inlinable
    public func tailRange(ofMasked masked: Int) -> Range<Int> {
        Int(tailOffsets[masked]) * shape.nodeCount..<Int(tailOffsets[masked + 1]) * shape.nodeCount
    }

    /// Indices into ``winners`` of one race.
    @inlinable
    public func winnerRange(ofRace race: Int) -> Range<Int> {
        Int(winnerOffsets[race])..<Int(winnerOffsets[race + 1])
    }

    /// Indices into ``changeCodes`` of one race.
    @inlinable
    public func changeRange(ofRace race: Int) -> Range<Int> {
        (Int(winnerOffsets[race]) - race)..<(Int(winnerOffsets[race + 1]) - race - 1)
    }

    /// The leader of one race where the range is at `part` (``TemperatureRange/part(of:in:)``).
    @inlinable
    public func winner(ofRace race: Int, atPart part: Double) -> Int32 {
        var index = winnerRange(ofRace: race).lowerBound
        for change in changeRange(ofRace: race) where Double(changeCodes[change]) <= part {
            index += 1
        }
        return winners[index]
    }
}
