/// The parameters that a classifier starts from.
public enum ClassifierStart: String, Codable, Sendable, CaseIterable {
    /// The parameters of the model's folder.
    case encoder
    /// The same shape, random (`_init_weights` of transformers).
    case scratch
}

/// One training of one classifier: the settings that decide its result, besides the data.
struct ClassifierRun: Codable, Sendable, Hashable {
    let start: ClassifierStart
    /// The part of the training examples that is held back, and that the classifier is measured on: to choose the learning rate.
    /// `nil`: all are trained on, and the test's are measured.
    let fold: Int?
    let learningRate: Float
    let seed: UInt64

    var name: String { "\(start.rawValue)-\(fold.map { "fold-\($0)" } ?? "test")-\(learningRate)-\(seed)" }
}

/// The record of a finished run.
struct ClassifierRecord: Codable, Sendable, Hashable {
    let run: ClassifierRun
    let steps: Int
    /// Tokens trained on.
    let tokens: Int
    /// Time spent in training.
    let seconds: Double
    /// Mean cross-entropy of each step's batch before its update, in nats.
    let losses: [Float]
    /// The norm of each step's gradient, before clipping.
    let gradientNorms: [Float]
    /// The first step whose loss or gradient was not finite, counted from 1: the run ended before it.
    let divergedAtStep: Int?
    /// Mean cross-entropy of the measured examples, in nats.
    let measuredLoss: Double
    let confusion: ConfusionMatrix
}
