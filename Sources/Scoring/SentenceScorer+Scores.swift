import CLibrary
import Kernels
import Models

extension SentenceScorer {
    /// The scores of sentences, in nats, in one thread.
    ///
    /// - Parameter sentences: ids as ``tokens(of:)`` gives them.
    public func scores(of sentences: [[Int32]]) -> [Double] {
        switch model {
        case .discriminator(let discriminator): scores(of: sentences, discriminator)
        case .generator(let generator, let mask): scores(of: sentences, generator, mask: mask)
        }
    }

    private func scores(of sentences: [[Int32]], _ discriminator: Discriminator) -> [Double] {
        let longest = sentences.reduce(0) { max($0, $1.count) }
        let capacity = max(Self.batchTokens, longest)
        let workspace = DiscriminatorWorkspace(
            configuration, tokenCapacity: capacity, longestSequence: longest, use: .inference)
        var scores: [Double] = []
        var batch = TokenBatch()
        func finishBatch() {
            discriminator.forward(batch, arena: parameters, workspace: workspace)
            let logits = workspace.logits.span
            for sequence in batch.sequences {
                scores.append(
                    sequence.rows.dropFirst().dropLast().reduce(0) { $0 + Self.logOriginal(Double(logits[$1])) })
            }
            batch.removeAll()
        }
        for sentence in sentences {
            if batch.count + sentence.count > capacity { finishBatch() }
            batch.append(sentence.span, number: 0)
        }
        finishBatch()
        return scores
    }

    /// log P(original) of a logit that says how likely the token was replaced: -log(1 + e^x) without overflow.
    package static func logOriginal(_ logit: Double) -> Double {
        -(max(logit, 0) + log1p(exp(-abs(logit))))
    }

    private func scores(of sentences: [[Int32]], _ generator: MaskedLanguageModel, mask: Int32) -> [Double] {
        let longest = sentences.reduce(0) { max($0, $1.count) }
        let capacity = max(Self.batchTokens, longest)
        let workspace = EncoderWorkspace(
            configuration, tokenCapacity: capacity, longestSequence: longest, use: .inference)
        let prediction = PredictionWorkspace(configuration, rowCapacity: Self.predictedRows)
        var scores = [Double](repeating: 0, count: sentences.count)
        var batch = TokenBatch()
        var masked: [(sentence: Int, row: Int32, original: Int32)] = []
        func finishBatch() {
            if masked.isEmpty { return }
            let rows = masked.map(\.row)
            generator.encoder.forward(batch, at: rows.span, arena: parameters, workspace: workspace)
            for start in stride(from: 0, to: masked.count, by: prediction.rowCapacity) {
                let portion = masked[start..<min(start + prediction.rowCapacity, masked.count)]
                let width = configuration.hiddenSize
                generator.predict(
                    workspace.output.span(start * width..<portion.endIndex * width), rows: portion.count,
                    arena: parameters, workspace: prediction)
                for (row, target) in portion.enumerated() {
                    scores[target.sentence] += Self.logProbability(
                        of: Int(target.original), row: row, of: prediction, configuration)
                }
            }
            batch.removeAll()
            masked.removeAll(keepingCapacity: true)
        }
        for (number, sentence) in sentences.enumerated() {
            for position in sentence.indices.dropFirst().dropLast() {
                if batch.count + sentence.count > capacity { finishBatch() }
                masked.append((number, Int32(batch.count + position), sentence[position]))
                var copy = sentence
                copy[position] = mask
                batch.append(copy.span, number: 0)
            }
        }
        finishBatch()
        return scores
    }

    /// Rows of logits at a time: they stay small next to the caches.
    private static let predictedRows = 64

    /// log softmax of a row of logits, at one token. Overwrites the row.
    private static func logProbability(
        of token: Int, row: Int, of prediction: PredictionWorkspace, _ configuration: EncoderConfiguration
    ) -> Double {
        let elements = row * configuration.vocabularySize..<(row + 1) * configuration.vocabularySize
        let logit = prediction.logits.span(elements)[token]
        let logSum = Softmax.differentiateCrossEntropy(
            row: prediction.logits.mutableSpan(elements), target: token, scale: 1)
        return Double(logit - logSum)
    }
}
