import Corpus
import Distillation
import Format
import Kernels
import Models
import Random

/// One thread's generator: sequences in, an encoded block out.
///
/// Its result for a sequence depends on the model, the header (its pass) and the sequence's number alone.
final class BlockGenerator {
    private let model: MaskedLanguageModel
    private let parameters: ParameterArena
    private let masking: Masking
    private let maskingStream: RandomStream
    private let pass: UInt32
    private let workspace: EncoderWorkspace
    private let prediction: PredictionWorkspace
    private let headAndRaces: HeadAndRaces
    private let encoder: BlockEncoder
    private var block: SequenceBlock
    private var batch = TokenBatch()
    /// Masked positions of the batch, as rows of the encoder's output.
    private var rows: [Int32] = []

    /// Tokens that go through the encoder together.
    private static let batchTokens = 2048
    /// Tokens of the largest batch.
    static func tokenCapacity(_ header: ShardHeader) -> Int { max(batchTokens, header.maximumLength) }
    /// Masked positions that go through the head together: those of a batch, at the usual mask probability. The decoder comes from
    /// memory once for all of them.
    static let rowCapacity = 320

    init(_ model: MaskedLanguageModel, parameters: ParameterArena, header: ShardHeader, masking: Masking) {
        self.model = model
        self.parameters = parameters
        self.masking = masking
        maskingStream = RandomStream(seed: header.seed, purpose: .masking)
        pass = UInt32(header.pass)
        workspace = EncoderWorkspace(
            model.configuration, tokenCapacity: Self.tokenCapacity(header),
            longestSequence: header.maximumLength, use: .inference)
        prediction = PredictionWorkspace(model.configuration, rowCapacity: Self.rowCapacity)
        headAndRaces = HeadAndRaces(header)
        encoder = BlockEncoder()
        block = SequenceBlock(shape: header.blockShape)
    }

    /// Masks, predicts, distills and compresses.
    ///
    /// - Parameter firstSequence: the number of the first sequence within the pass.
    func generate(_ sequences: TokenSequences, firstSequence: UInt64) throws -> EncodedBlock {
        block.removeAll()
        var start = 0
        while start < sequences.count {
            var end = start
            var tokens = 0
            while end < sequences.count, end == start || tokens + sequences[end].count <= Self.batchTokens {
                tokens += sequences[end].count
                end += 1
            }
            try append(sequences[start..<end], firstSequence: firstSequence)
            start = end
        }
        return encoder.encode(block)
    }

    private func append(_ sequences: Slice<TokenSequences>, firstSequence: UInt64) throws {
        batch.removeAll()
        rows.removeAll(keepingCapacity: true)
        var plan: [(sequence: TokenSequence, number: UInt64, positions: [Int32])] = []
        for index in sequences.indices {
            let (sequence, number) = (sequences.base.sequence(index), firstSequence + UInt64(index))
            let positions = masking.positions(
                in: sequence.tokens, stream: maskingStream, pass: pass, sequence: number)
            for position in positions { rows.append(Int32(batch.count) + position) }
            batch.append(
                masking.masked(sequence.tokens, at: positions).span,
                secondSegment: model.configuration.knownSegment(sequence.secondSegment), number: 0)
            plan.append((sequence, number, positions))
        }
        model.encoder.forward(batch, at: rows.span, arena: parameters, workspace: workspace)

        let vocabulary = model.configuration.vocabularySize
        let (output, allLogits) = (workspace.output, prediction.logits)
        var predicted = 0..<0
        var row = 0
        for (sequence, number, positions) in plan {
            block.appendSequence(
                sequence.tokens.span, source: sequence.source, secondSegment: sequence.secondSegment)
            for position in positions {
                if row == predicted.upperBound {
                    predicted = row..<min(row + Self.rowCapacity, rows.count)
                    let hidden = model.configuration.hiddenSize
                    model.predict(
                        output.span(predicted.lowerBound * hidden..<predicted.upperBound * hidden),
                        rows: predicted.count, arena: parameters, workspace: prediction)
                }
                let place = (row - predicted.lowerBound) * vocabulary
                var logits = allLogits.mutableSpan(place..<place + vocabulary)
                try headAndRaces.append(&logits, atPosition: Int(position), ofSequence: number, to: &block)
                row += 1
            }
        }
    }
}
