import Kernels
import Models
import Training

/// One sequence with some positions masked.
public struct MaskedSequence: TrainingExample {
    /// [tokens], with `[MASK]` at the masked positions.
    public var tokens: [Int32]
    /// [masked], ascending.
    public var positions: [Int32]
    /// [masked]; the ids that stood there.
    public var originals: [Int32]
    /// Where the second segment of a pair begins; 0 if there is one segment.
    public var secondSegment: Int
    /// The tokens that position 0 is asked for; see `SentenceTargets`.
    public var sentenceTargets: [Int32]

    public init(
        tokens: [Int32], positions: [Int32], originals: [Int32], secondSegment: Int = 0, sentenceTargets: [Int32] = []
    ) {
        self.tokens = tokens
        self.positions = positions
        self.originals = originals
        self.secondSegment = secondSegment
        self.sentenceTargets = sentenceTargets
    }

    public var tokenCount: Int { tokens.count }
    public var termCount: Int { positions.count + sentenceTargets.count }
}

/// Masked language modeling: the mean over masked positions of the cross-entropy (Devlin et al. 2019, section 3.1), or of the focal
/// loss -(1 - q)^γ ln q, q the original's probability (Hao et al. 2021).
///
/// Each token that position 0 is asked for counts like a masked one, by its cross-entropy.
public struct MaskedLanguageObjective: Objective {
    public let model: MaskedLanguageModel
    /// γ, at least 0; the focal loss of 0 is the cross-entropy.
    public let focal: Float

    public init(_ model: MaskedLanguageModel, focal: Float = 0) {
        precondition(focal >= 0 && focal.isFinite)
        self.model = model
        self.focal = focal
    }

    public var layout: ParameterLayout { model.layout }
    public var configuration: EncoderConfiguration { model.configuration }

    public func operationCount(of example: MaskedSequence) -> Double {
        let predictions = example.positions.count + (example.sentenceTargets.isEmpty ? 0 : 1)
        return OperationCount.encoder(configuration, tokens: example.tokenCount)
            + Double(predictions) * OperationCount.prediction(configuration)
    }

    public struct Workspace {
        let encoder: EncoderWorkspace
        let prediction: PredictionWorkspace
        let gradients: PredictionGradients
        let sentences: SentencePrediction
        var batch = TokenBatch()
        var questions: [SentenceQuestion] = []
        /// [masked], of the batch.
        var rows: [Int32] = []
        var originals: [Int32] = []
    }

    /// The head goes through the masked positions in portions, so that logits stay small next to the caches.
    private static let rowCapacity = 128

    /// Bytes of the heads' buffers in one thread.
    public static func headByteCount(_ configuration: EncoderConfiguration) -> Int {
        PredictionWorkspace.byteCount(configuration, rowCapacity: rowCapacity)
            + PredictionGradients.byteCount(configuration, rowCapacity: rowCapacity)
            + SentencePrediction.byteCount(configuration)
    }

    public func makeWorkspace(tokenCapacity: Int, longestSequence: Int, use: EncoderWorkspace.Use) -> Workspace {
        let rowCapacity = min(tokenCapacity, Self.rowCapacity)
        return Workspace(
            encoder: EncoderWorkspace(
                configuration, tokenCapacity: tokenCapacity, longestSequence: longestSequence, use: use),
            prediction: PredictionWorkspace(configuration, rowCapacity: rowCapacity),
            gradients: PredictionGradients(configuration, rowCapacity: rowCapacity),
            sentences: SentencePrediction(model, rowCapacity: min(tokenCapacity, SentencePrediction.usualRowCapacity)))
    }

    public func run(
        _ examples: ArraySlice<MaskedSequence>, firstNumber: Int, parameters: ParameterArena,
        workspace: inout Workspace, gradients: (arena: ParameterArena, scale: Float)?, dropout: DropoutPlan?
    ) -> MaskedLanguageStatistics {
        workspace.batch.removeAll()
        workspace.rows.removeAll(keepingCapacity: true)
        workspace.originals.removeAll(keepingCapacity: true)
        workspace.questions.removeAll(keepingCapacity: true)
        for (offset, example) in examples.enumerated() {
            let start = Int32(workspace.batch.count)
            workspace.batch.append(
                example.tokens.span, secondSegment: configuration.knownSegment(example.secondSegment),
                number: UInt32(firstNumber + offset))
            for position in example.positions { workspace.rows.append(start + position) }
            workspace.originals += example.originals
            if !example.sentenceTargets.isEmpty {
                workspace.questions.append(
                    SentenceQuestion(row: start, targets: example.sentenceTargets, scale: gradients?.scale ?? 1))
            }
        }
        model.encoder.forward(workspace.batch, arena: parameters, workspace: workspace.encoder, dropout: dropout)
        if gradients != nil {
            workspace.encoder.outputGradient.fill(with: 0)
        }
        var statistics = MaskedLanguageStatistics(tokenCount: workspace.batch.count)
        let portion = workspace.prediction.rowCapacity
        for start in stride(from: 0, to: workspace.rows.count, by: portion) {
            let range = start..<min(start + portion, workspace.rows.count)
            model.predict(
                at: workspace.rows.span.extracting(range), of: workspace.encoder.output, arena: parameters,
                workspace: workspace.prediction)
            for (row, index) in range.enumerated() {
                let place = row * configuration.vocabularySize..<(row + 1) * configuration.vocabularySize
                let (crossEntropy, isCorrect) = Self.differentiate(
                    workspace.prediction.logits.mutableSpan(place), original: Int(workspace.originals[index]),
                    scale: gradients?.scale)
                if focal == 0 {
                    statistics.add((Double(crossEntropy), isCorrect))
                } else {
                    let focal = FocalLoss(exponent: focal, crossEntropy: crossEntropy)
                    var gradient = workspace.prediction.logits.mutableSpan(place)
                    for index in gradient.indices { gradient[index] *= focal.gradientFactor }
                    statistics.add((focal.loss, isCorrect))
                }
            }
            if let gradients {
                model.backwardPrediction(
                    at: workspace.rows.span.extracting(range), arena: parameters, workspace: workspace.prediction,
                    scratch: workspace.gradients, hiddenGradient: workspace.encoder.outputGradient,
                    into: gradients.arena)
            }
        }
        let encoder = workspace.encoder
        statistics.add(
            workspace.sentences.run(
                workspace.questions, on: encoder.output, parameters: parameters,
                adding: gradients.map { (encoder.outputGradient, $0.arena) }))
        if let gradients {
            model.encoder.backward(
                workspace.batch, arena: parameters, workspace: workspace.encoder, into: gradients.arena,
                dropout: dropout)
        }
        return statistics
    }

    /// Turns logits into scale · (softmax - one-hot) and returns the cross-entropy and whether the original was most likely.
    private static func differentiate(
        _ logits: consuming MutableSpan<Float>, original: Int, scale: Float?
    ) -> (crossEntropy: Float, isCorrect: Bool) {
        let target = logits[original]
        var largest = -Float.infinity
        for index in logits.indices where logits[index] > largest { largest = logits[index] }
        let logSum = Softmax.differentiateCrossEntropy(row: logits, target: original, scale: scale ?? 1)
        return (logSum - target, target >= largest)
    }
}

/// How well masked tokens are guessed, as sums over masked positions.
public struct MaskedLanguageStatistics: StepStatistics, Hashable {
    public private(set) var tokenCount: Int
    public private(set) var maskedCount = 0
    public private(set) var lossSum = 0.0
    public private(set) var correctCount = 0
    public private(set) var sentences = SentenceStatistics()

    public init() {
        self.init(tokenCount: 0)
    }

    init(tokenCount: Int) {
        self.tokenCount = tokenCount
    }

    mutating func add(_ outcome: (loss: Double, isCorrect: Bool)) {
        maskedCount += 1
        lossSum += outcome.loss
        if outcome.isCorrect { correctCount += 1 }
    }

    mutating func add(_ sentences: SentenceStatistics) { self.sentences.add(sentences) }

    public mutating func add(_ other: MaskedLanguageStatistics) {
        sentences.add(other.sentences)
        tokenCount += other.tokenCount
        maskedCount += other.maskedCount
        lossSum += other.lossSum
        correctCount += other.correctCount
    }

    /// Cross-entropy a masked position, in nats.
    public var meanLoss: Double { maskedCount > 0 ? lossSum / Double(maskedCount) : 0 }
    public var accuracy: Double { maskedCount > 0 ? Double(correctCount) / Double(maskedCount) : 0 }

    public var record: MetricsRecord {
        let record: MetricsRecord = [.loss: meanLoss, .accuracy: accuracy]
        return record.merging(sentences.record)
    }
}
