import Fixtures
import Format
import FoundationEssentials
import Models
import Ranks
import Storage
import SystemPackage
import Train
import Training

/// A run of a discriminator of a few hundred parameters.
struct SmallRun {
    let data: SyntheticDataset
    var folder: FilePath
    var settings: TrainingSettings
    var replay = ReplayTrainer.Replay()
    var heldOut: SyntheticDataset?

    static let encoder = EncoderConfiguration(
        vocabularySize: SyntheticDataset.vocabularySize, embeddingSize: 16, hiddenSize: 16, layerCount: 1,
        attentionHeadCount: 2, intermediateSize: 32, maximumPositionCount: 16)

    init(_ data: SyntheticDataset, steps: Int, batchSize: Int = 6) throws {
        self.data = data
        folder = try temporaryFolder()
        settings = TrainingSettings(
            encoder: Self.encoder, steps: steps, batchSize: batchSize, learningRate: 1e-3, seed: 9, threads: 2)
        settings.logInterval = 3
        settings.checkpointInterval = 5
    }

    /// The same run in another folder.
    init(anew other: SmallRun) throws {
        (data, settings, replay, heldOut) = (other.data, other.settings, other.replay, other.heldOut)
        mixture = other.mixture
        folder = try temporaryFolder()
    }

    struct Outcome {
        var summary: TrainingSummary?
        var didWork = false
        var steps: [TrainingProgress] = []
        var findings: [HealthFinding] = []
        var damages: [CheckpointDamage] = []
        var beganAgain = false
        var extensions: [RunState.Extension] = []
    }

    /// Several data sets together, in place of the one.
    var mixture: (data: [SyntheticDataset], proportions: TrainingData.Proportions)?

    private func trainingData() throws -> TrainingData {
        guard let mixture else { return TrainingData(try Dataset(data.folder)) }
        return try TrainingData(mixture.data.map { try Dataset($0.folder) }, mixture.proportions)
    }

    /// Trains to the end, or to a step at which it is interrupted: then there is no summary.
    ///
    /// - Parameter watch: receives the events that the run reports.
    @discardableResult func train(
        on ranks: any Transport = OneProcess(), stoppingAfter limit: Int = .max,
        watch: @escaping (TrainingEvent) -> Void = { _ in }
    ) throws -> Outcome {
        var outcome = Outcome()
        let lock = ranks.isFirst ? try FolderLock(folder) : nil
        defer { lock?.release() }
        let trainer = ReplayTrainer(
            settings, replay: replay, data: try trainingData(),
            heldOut: try heldOut.map { try Dataset($0.folder) }, folder: folder, output: lock, ranks: ranks)
        do {
            let result = try trainer.train(
                parameters: parameters,
                report: { event in
                    watch(event)
                    switch event {
                    case .step(let progress): outcome.steps.append(progress)
                    case .health(let finding): outcome.findings.append(finding)
                    case .damagedCheckpoints(let damages, _): outcome.damages = damages
                    case .damagedModel: outcome.beganAgain = true
                    case .extended(let stretched, _): outcome.extensions.append(stretched)
                    case .evaluating: break
                    }
                }, isInterrupted: { outcome.steps.last?.step ?? 0 >= limit })
            (outcome.summary, outcome.didWork) = (result.summary, result.didWork)
        } catch is CancellationError {}
        return outcome
    }

    var parameters: RunParameters { RunParameters(["--temperature": "\(replay.temperature)"]) }

    var checkpoints: [String] {
        get throws { try Folder(folder).names().filter { $0.hasPrefix("checkpoint-") } }
    }

    func contents(of name: String) throws -> [UInt8] {
        try RandomAccessFile.contents(of: FilePath(folder.string + "/" + name))
    }

    /// Lines of `metrics.jsonl`, each of which has to be JSON, by default without figures that depend on the machine's speed.
    func log(withTimes: Bool = false) throws -> [[String: LogValue]] {
        let timed =
            withTimes
            ? [] : ["seconds", "tokens_per_second", "data_wait", "communication", "utilization", "peak_memory"]
        return try contents(of: "metrics.jsonl").split(separator: UInt8(ascii: "\n")).map { line in
            try JSONDecoder().decode([String: LogValue].self, from: Data(line)).filter { !timed.contains($0.key) }
        }
    }

    /// Leaves the files of a process that was killed before it wrote its newest checkpoint: the one before, and a log
    /// that has gone on.
    func loseNewestCheckpoint() throws {
        if let newest = try checkpoints.last { try Folder(FilePath(folder.string + "/" + newest)).remove() }
    }

    /// Changes one byte in the middle of a file, as a bad disk does.
    func damage(_ name: String) throws {
        var bytes = try contents(of: name)
        bytes[bytes.count / 2] ^= 1
        try DurableFile.write(bytes, to: FilePath(folder.string + "/" + name))
    }
}

/// A number, or the words of a health message. (`JSONSerialization` reads numbers wrong in their last bits.)
enum LogValue: Decodable, Hashable {
    case number(Double)
    case text(String)

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else {
            self = .text(try container.decode(String.self))
        }
    }

    var number: Double? {
        guard case .number(let value) = self else { return nil }
        return value
    }

    var text: String? {
        guard case .text(let value) = self else { return nil }
        return value
    }
}
