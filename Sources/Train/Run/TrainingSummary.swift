import FoundationEssentials
import Optimization
import Storage
import SystemPackage

/// How a finished run went: `summary.json`.
public struct TrainingSummary: Codable, Sendable, Hashable {
    public static let fileName = "summary.json"

    public struct TemperaturePoint: Codable, Sendable, Hashable {
        /// Share of the updates done.
        public let fraction: Double
        public let temperature: Double
    }

    /// Replaced token detection on held-out sequences.
    public struct Evaluation: Codable, Sendable, Hashable {
        public let temperature: Double
        public let loss: Double
        public let accuracy: Double
        /// `nil` where nothing was called replaced.
        public let precision: Double?
        public let recall: Double
        public let auc: Double
        public let replaceRate: Double
        public let tokens: Int

        init(_ statistics: DetectionStatistics, at temperature: Double) {
            self.temperature = temperature
            loss = statistics.meanLoss
            accuracy = statistics.accuracy
            precision = statistics.truePositives + statistics.falsePositives > 0 ? statistics.precision : nil
            recall = statistics.recall
            auc = statistics.areaUnderCurve
            replaceRate = statistics.replaceRate
            tokens = statistics.tokenCount
        }
    }

    /// Parameters of the model.
    public let parameters: Int
    public let steps: Int
    /// Tokens trained on.
    public let tokens: Int
    public let tokensPerSecond: Double
    /// Time spent in training steps.
    public let seconds: Double
    /// The schedule, at the tenths of the run.
    public let temperatures: [TemperaturePoint]
    public let evaluations: [Evaluation]
    /// The Hugging Face folder.
    public let output: String

    static func read(from folder: FilePath) throws -> TrainingSummary? {
        guard Folder(folder).contains(fileName) else { return nil }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let bytes = try RandomAccessFile.contents(of: folder.appending(fileName))
        // A summary is made of the checkpoint; one that cannot be read is made again.
        return try? decoder.decode(TrainingSummary.self, from: Data(bytes))
    }

    func write(to folder: FilePath) throws {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try DurableFile.write(Array(encoder.encode(self)) + [UInt8(ascii: "\n")], to: folder.appending(Self.fileName))
    }
}
