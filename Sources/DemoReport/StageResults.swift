/// What the commands print with `--json`, as far as the demo's last table needs it. Keys are in snake case in the files.
///
/// `seconds` is the time the work took in all, over every run that it was continued in; a rate counts the same way.
/// `did_work` is false where everything had been done before.

/// `corpus.json`, written by `data/fetch-corpus`.
struct CorpusResult: Decodable {
    let documents: Int
    let heldOutDocuments: Int
    let trainBytes: Int
    let heldOutBytes: Int
}

/// `vocab.json`.
struct VocabularyResult: Decodable {
    let entries: Int
    let seconds: Double
}

/// `mlm.json`.
struct GeneratorResult: Decodable {
    let parameters: Int
    let steps: Int
    /// Tokens trained on, padding left out.
    let tokens: Int
    /// Mean cross-entropy at masked positions over the last steps, in nats.
    let loss: Double
    let tokensPerSecond: Double
    let seconds: Double
}

/// `generate-train.json` and `generate-heldout.json`.
struct GenerationResult: Decodable {
    let sequences: Int
    let tokens: Int
    let maskedPositions: Int
    /// Bytes of all shards, headers and seek tables included.
    let bytes: Int
    let tokensPerSecond: Double
    let seconds: Double
}

/// `verify.json`.
struct VerificationResult: Decodable {
    let shards: Int
    let sequences: Int
    let faults: [String]
}

/// `train.json`.
struct TrainingResult: Decodable {
    let parameters: Int
    let steps: Int
    let tokens: Int
    let tokensPerSecond: Double
    let seconds: Double
    /// The temperature at the tenths of the run: the fraction of updates done, and T.
    let temperatures: [TemperaturePoint]
    /// On the held-out shards, one a temperature.
    let evaluations: [Evaluation]
    /// The Hugging Face folder.
    let output: String
}

struct TemperaturePoint: Decodable {
    let fraction: Double
    let temperature: Double
}

/// Replaced-token detection on held-out sequences; decisions at probability 0.5.
struct Evaluation: Decodable {
    let temperature: Double
    /// Mean binary cross-entropy over all tokens but padding, in nats.
    let loss: Double
    let accuracy: Double
    /// Nil where nothing was called replaced.
    let precision: Double?
    let recall: Double
    let auc: Double
    /// The share of replaced tokens; calling every token original is right for all others.
    let replaceRate: Double
}
