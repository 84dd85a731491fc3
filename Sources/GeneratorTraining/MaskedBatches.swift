import Corpus
import Random
import Training

/// The masked sequences of one step after another: a function of the seed and the step alone.
///
/// An epoch visits every sequence once, in an order and under masks of its own. The masks share no stream with those of
/// `generate`, so no run asks a generator for the very words that it was trained to guess.
package struct MaskedBatches: Sendable {
    private let sequences: TokenSequences
    private let masking: Masking
    private let batchSize: Int
    private let order: EpochOrder
    private let masks: RandomStream
    private let sentenceTargets: SentenceTargets?

    package init(
        _ sequences: TokenSequences, masking: Masking, batchSize: Int, sentenceTargets: SentenceTargets? = nil,
        seed: UInt64
    ) {
        self.sentenceTargets = sentenceTargets
        self.sequences = sequences
        self.masking = masking
        self.batchSize = batchSize
        order = EpochOrder(count: sequences.count, stream: RandomStream(seed: seed, purpose: .shuffle))
        masks = RandomStream(seed: seed, purpose: .generatorTrainingMasks)
    }

    package func input(ofStep step: Int) -> StepInput<MaskedSequence> {
        var input = StepInput<MaskedSequence>(examples: [], visits: [])
        for slot in 0..<batchSize {
            let (epoch, index) = order[step * batchSize + slot]
            input.examples.append(example(sequences.sequence(index), number: UInt64(index), epoch: epoch))
            input.visits.append(SequenceVisit(sequence: UInt64(index), epoch: UInt16(epoch)))
        }
        return input
    }

    private func example(_ sequence: TokenSequence, number: UInt64, epoch: UInt32) -> MaskedSequence {
        let tokens = sequence.tokens
        let positions = masking.positions(in: tokens, stream: masks, pass: epoch, sequence: number)
        return MaskedSequence(
            tokens: masking.masked(tokens, at: positions), positions: positions,
            originals: positions.map { tokens[Int($0)] }, secondSegment: sequence.secondSegment,
            sentenceTargets: sentenceTargets?.targets(among: tokens, pass: epoch, sequence: number) ?? [])
    }
}
