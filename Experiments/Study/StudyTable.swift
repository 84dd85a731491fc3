import Finetuning
import JSON

/// The values of a study, arm by arm, task by task, seed by seed.
public struct StudyTable {
    public let size: StudySize
    public let results: ResultsFile

    public init(_ size: StudySize, _ results: ResultsFile) {
        (self.size, self.results) = (size, results)
    }

    public static let none = "k"
    public static let generator = "generator"
    public static let preferences = "blimp"
    /// Columns of detection on held-out sequences, replayed from the whole law, and their temperatures.
    private static let detection = ["auc-1": 1.0, "auc-2": 2.0]

    /// In the table's order.
    public var rows: [(name: String, title: String)] {
        [(Self.none, "no pre-training"), (Self.generator, "the generator itself")]
            + size.arms.compactMap(Arm.named).map { ($0.letter, "(\($0.letter)) \($0.title)") }
    }

    /// Tasks and preferences that have a value.
    public var columns: [String] { (size.tasks + [Self.preferences]).filter(hasValues) }

    /// Temperatures of detection that have a value.
    public var detectionColumns: [String] { Self.detection.keys.sorted().filter(hasValues) }

    private func hasValues(_ column: String) -> Bool { rows.contains { !values($0.name, column).isEmpty } }

    /// One value a seed of pre-training, as far as they are there: of a task, the mean over the seed's classifiers.
    public func values(_ row: String, _ column: String) -> [Int: Double] {
        var values: [Int: Double] = [:]
        for seed in 1...size.seeds {
            let value: Double?
            if column == Self.preferences {
                value =
                    row == Self.none
                    ? nil
                    : results.number(row == Self.generator ? "generator/blimp" : "\(row)/\(seed)/blimp", "accuracy")
            } else if let temperature = Self.detection[column] {
                value = areaUnderCurve("\(row)/\(seed)", at: temperature)
            } else {
                let step = "\(row == Self.none ? size.baselineHolder : row)/\(seed)/\(column)"
                let metric = MeasuredTask(column).metric
                value = results.numbers(step, "starts.\(row == Self.none ? 1 : 0).measures.\(metric).values")
                    .map { MeanInterval($0).mean }
            }
            if let value { values[seed] = value }
        }
        return values
    }

    /// The area under the curve that `train` found with `--eval-shards`; the other ways to pre-train do not measure it.
    private func areaUnderCurve(_ step: String, at temperature: Double) -> Double? {
        results[step]?.value(at: "evaluations")?.elements?
            .first { $0["temperature"]?.double == temperature }?["auc"]?.double
    }

    /// Mean and interval over seeds.
    public func interval(_ row: String, _ column: String) -> MeanInterval? {
        let found = values(row, column)
        if found.isEmpty { return nil }
        let ordered = found.sorted { $0.key < $1.key }.map(\.value)
        // One generator is scored once: its value says nothing of a spread.
        return MeanInterval(row == Self.generator && column == Self.preferences ? [ordered[0]] : ordered)
    }

    /// First minus second over the seeds that both have.
    public func test(_ first: String, _ second: String, _ column: String) -> PairedTest? {
        let (one, two) = (values(first, column), values(second, column))
        let seeds = Set(one.keys).intersection(two.keys).sorted()
        if seeds.isEmpty { return nil }
        return PairedTest(seeds.compactMap { one[$0] }, seeds.compactMap { two[$0] })
    }
}
