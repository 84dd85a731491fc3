/// What a classifier starts from.
public enum ClassifierStart: String, Codable, Sendable, CaseIterable {
    /// The parameters of the model's folder.
    case encoder
    /// The same shape, random (`_init_weights` of transformers).
    case scratch
}

/// One training of one classifier: what decides its result, besides the data.
struct ClassifierRun: Codable, Sendable, Hashable {
    enum Purpose: String, Codable, Sendable {
        /// On a part of the training examples, measured on the rest of them: to choose the learning rate.
        case selection
        /// On all training examples, measured on the test's.
        case test
    }

    let start: ClassifierStart
    let purpose: Purpose
    let learningRate: Float
    let seed: UInt64

    var name: String { "\(start.rawValue)-\(purpose.rawValue)-\(learningRate)-\(seed)" }
}

/// What came of a run.
struct ClassifierRecord: Codable, Sendable, Hashable {
    let run: ClassifierRun
    let steps: Int
    /// Tokens trained on.
    let tokens: Int
    /// Time spent in training.
    let seconds: Double
    /// Of each step's batch, before its update.
    let losses: [Float]
    /// The norm of each step's gradient, before clipping.
    let gradientNorms: [Float]
    /// The first step whose loss or gradient was not finite, counted from 1: the run ended before it.
    let divergedAtStep: Int?
    /// Mean loss of the measured examples.
    let measuredLoss: Double
    let confusion: ConfusionMatrix
}
