import CLibrary
import GeneratorTraining
import Kernels
import Models
import Random
import Train

/// Draws tokens from a masked language model at T = 1.
///
/// It is a forward pass of its own, so the joint baseline runs its generator forward twice: docs/study.md says so beside its costs.
package final class GeneratorSampler {
    private let model: MaskedLanguageModel
    private let workspace: EncoderWorkspace
    private let prediction: PredictionWorkspace
    private let stream: RandomStream
    private var batch = TokenBatch()

    init(_ model: MaskedLanguageModel, tokenCapacity: Int, longestSequence: Int, seed: UInt64) {
        self.model = model
        workspace = EncoderWorkspace(
            model.configuration, tokenCapacity: tokenCapacity, longestSequence: longestSequence, use: .inference)
        prediction = PredictionWorkspace(model.configuration, rowCapacity: min(tokenCapacity, 128))
        stream = RandomStream(seed: seed, purpose: .replay)
    }

    func draw(_ examples: [MaskedSequence], step: Int, parameters: ParameterArena) -> [ReplayedSequence] {
        batch.removeAll()
        var rows: [Int32] = []
        for example in examples {
            for position in example.positions { rows.append(Int32(batch.count) + position) }
            batch.append(example.tokens.span, number: 0)
        }
        // The rows that are asked for come out side by side.
        model.encoder.forward(batch, at: rows.span, arena: parameters, workspace: workspace)
        var drawn: [Int32] = []
        let (output, logits) = (workspace.output, prediction.logits)
        let (hidden, vocabulary) = (model.configuration.hiddenSize, model.configuration.vocabularySize)
        for start in stride(from: 0, to: rows.count, by: prediction.rowCapacity) {
            let count = min(prediction.rowCapacity, rows.count - start)
            model.predict(
                output.span(start * hidden..<(start + count) * hidden), rows: count, arena: parameters,
                workspace: prediction)
            for row in 0..<count {
                var draws = stream.draws(pass: 0, sequence: UInt64(step), position: UInt32(start + row))
                drawn.append(
                    Self.token(
                        of: logits.span(row * vocabulary..<(row + 1) * vocabulary),
                        at: Double(unitInterval: draws.next())))
            }
        }
        var next = 0
        return examples.map { example in
            var tokens = example.tokens
            var labels = [UInt8](repeating: 0, count: tokens.count)
            for (position, original) in zip(example.positions, example.originals) {
                tokens[Int(position)] = drawn[next]
                labels[Int(position)] = drawn[next] == original ? 0 : 1
                next += 1
            }
            return ReplayedSequence(tokens: tokens, labels: labels, maskedCount: example.positions.count)
        }
    }

    /// The token at which the cumulative softmax passes `share`.
    package static func token(of logits: Span<Float>, at share: Double) -> Int32 {
        var largest = -Float.infinity
        for index in logits.indices { largest = max(largest, logits[index]) }
        var total = 0.0
        for index in logits.indices { total += Double(exp(logits[index] - largest)) }
        var sum = 0.0
        for index in logits.indices {
            sum += Double(exp(logits[index] - largest))
            if sum > share * total { return Int32(index) }
        }
        return Int32(logits.count - 1)
    }
}
