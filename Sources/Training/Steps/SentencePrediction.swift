import Kernels
import Models

/// The tokens that a training example asks `[CLS]` for; see ``SentenceTargets``.
public struct SentenceQuestion: Sendable {
    /// The place of `[CLS]` in the micro-batch.
    public var row: Int32
    public var targets: [Int32]
    /// The factor of the gradient of the sum of the targets' cross-entropies.
    public var scale: Float

    public init(row: Int32, targets: [Int32], scale: Float) {
        self.row = row
        self.targets = targets
        self.scale = scale
    }
}

/// The sums over the tokens that `[CLS]` was asked for.
public struct SentenceStatistics: Codable, Sendable, Hashable {
    public private(set) var lossSum = 0.0
    public private(set) var targetCount = 0

    public init() {}

    init(lossSum: Double, targetCount: Int) {
        self.lossSum = lossSum
        self.targetCount = targetCount
    }

    public mutating func add(_ other: SentenceStatistics) {
        lossSum += other.lossSum
        targetCount += other.targetCount
    }

    /// Empty where nothing was asked.
    public var record: MetricsRecord { targetCount == 0 ? [:] : [.sentenceLoss: lossSum / Double(targetCount)] }
}

/// The prediction of tokens from `[CLS]` through the head of a masked language model: a cross-entropy for each target.
public struct SentencePrediction {
    private let model: MaskedLanguageModel
    private let workspace: PredictionWorkspace
    private let gradients: PredictionGradients

    public init(_ model: MaskedLanguageModel, rowCapacity: Int) {
        self.model = model
        workspace = PredictionWorkspace(model.configuration, rowCapacity: rowCapacity)
        gradients = PredictionGradients(model.configuration, rowCapacity: rowCapacity)
    }

    /// Questions that are answered at a time.
    public static let usualRowCapacity = 32

    /// Bytes of the buffers for ``usualRowCapacity``. A test compares the two.
    public static func byteCount(_ configuration: EncoderConfiguration) -> Int {
        PredictionWorkspace.byteCount(configuration, rowCapacity: usualRowCapacity)
            + PredictionGradients.byteCount(configuration, rowCapacity: usualRowCapacity)
    }

    /// Measures, and with `output` adds gradients.
    ///
    /// - Parameters:
    ///   - hidden: the encoder's output, [tokens, hidden].
    ///   - output: where gradients are added: of the encoder's output, [tokens, hidden], and of the head's parameters.
    public func run(
        _ questions: [SentenceQuestion], on hidden: FloatBuffer, parameters: ParameterArena,
        adding output: (hiddenGradient: FloatBuffer, arena: ParameterArena)?
    ) -> SentenceStatistics {
        var statistics = SentenceStatistics()
        let vocabulary = model.configuration.vocabularySize
        for start in stride(from: 0, to: questions.count, by: workspace.rowCapacity) {
            let portion = questions[start..<min(start + workspace.rowCapacity, questions.count)]
            let rows = portion.map(\.row)
            model.predict(at: rows.span, of: hidden, arena: parameters, workspace: workspace)
            for (row, question) in portion.enumerated() {
                statistics.add(
                    Self.differentiate(workspace.logits, row * vocabulary..<(row + 1) * vocabulary, question))
            }
            if let output {
                model.backwardPrediction(
                    at: rows.span, arena: parameters, workspace: workspace, scratch: gradients,
                    hiddenGradient: output.hiddenGradient, into: output.arena)
            }
        }
        return statistics
    }

    /// Turns logits, those of one row, into scale · (targets · softmax - Σ one-hot).
    private static func differentiate(
        _ logits: FloatBuffer, _ row: Range<Int>, _ question: SentenceQuestion
    ) -> SentenceStatistics {
        let targets = question.targets
        let values = logits.span(row)
        let sum = targets.reduce(0.0) { $0 + Double(values[Int($1)]) }
        let scale = question.scale * Float(targets.count)
        let first = Int(targets[0])
        let logSum = Softmax.differentiateCrossEntropy(row: logits.mutableSpan(row), target: first, scale: scale)
        var gradient = logits.mutableSpan(row)
        gradient[first] += scale
        for target in targets { gradient[Int(target)] -= question.scale }
        return SentenceStatistics(
            lossSum: Double(logSum) * Double(targets.count) - sum, targetCount: targets.count)
    }
}
