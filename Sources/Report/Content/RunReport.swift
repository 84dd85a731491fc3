import Storage
import SystemPackage

/// Runs side by side: the JSON and the tables of `report`.
public struct RunReport: Encodable, Sendable {
    /// The evaluation on the way that did best.
    public struct Best: Encodable, Sendable, Hashable {
        public let step: Int
        public let loss: Double
        /// The folder of its checkpoint, once the run is finished.
        public let path: String?

        fileprivate init?(_ run: RecordedRun) {
            let losses = run.metrics.evaluation.compactMap { line in
                line.figures["loss"].map { (step: line.step, loss: $0) }
            }
            guard let best = losses.min(by: { $0.loss < $1.loss }) else { return nil }
            (step, loss) = best
            path = run.isFinished ? run.outcome?.bestPath?.printable : nil
        }
    }

    public struct Run: Encodable, Sendable {
        /// Tells the run from the others.
        public let name: String
        public let path: String
        public let command: String
        public let isFinished: Bool
        public let steps: Int
        public let tokens: Int?
        public let seconds: Double?
        public let tokensPerSecond: Double?
        /// Of the model; `nil` until the run is finished.
        public let parameters: Int?
        /// The last line of training, with its step; empty where there is none.
        public let last: [String: Double]
        /// The last line of held-out sequences, likewise.
        public let lastEvaluation: [String: Double]
        /// All held-out sequences at each temperature, once the run is finished.
        public let evaluations: [[String: Double]]
        /// The line of held-out sequences with the lowest loss.
        public let best: Best?
        public let health: [RunFinding]
        public let unreadableLines: [Int]
        public let settings: [String: String]
        public let again: RepeatedCommand

        init(_ run: RecordedRun, name: String) {
            self.name = name
            path = run.folder.string.printable
            command = run.command
            isFinished = run.isFinished
            steps = run.steps
            tokens = run.tokens
            seconds = run.seconds
            tokensPerSecond = run.tokensPerSecond
            parameters = run.outcome?.parameters
            last = run.metrics.training.last.map(Self.figures) ?? [:]
            lastEvaluation = run.metrics.evaluation.last.map(Self.figures) ?? [:]
            evaluations = run.isFinished ? run.outcome?.evaluations ?? [] : []
            best = Best(run)
            health = run.metrics.findings
            unreadableLines = run.metrics.unreadableLines
            settings = run.settings
            again = RepeatedCommand(run)
        }

        private static func figures(of line: MetricsFile.Line) -> [String: Double] {
            line.figures.merging(["step": Double(line.step)]) { $1 }
        }

        /// A setting as it is shown, `nil` where nothing was given.
        public func setting(_ name: String) -> String? { settings[name].flatMap { $0.isEmpty ? nil : $0 } }
    }

    public let runs: [Run]
    /// Names of the settings that are not the same in all runs whose commands know them, sorted.
    public let differing: [String]

    private enum CodingKeys: String, CodingKey { case runs, differing }

    /// The figures that the last lines of training have, in the order in which they are shown.
    public var lastFigures: [RunFigure] { RunFigure.ordered(Set(runs.flatMap(\.last.keys)).subtracting(["step"])) }

    /// The names of all settings, sorted.
    public var settingNames: [String] { Set(runs.flatMap(\.settings.keys)).sorted() }

    public init(_ runs: [RecordedRun]) {
        self.runs = zip(runs, Self.names(of: runs.map(\.folder))).map { Run($0, name: $1) }
        let all = self.runs
        differing = Set(all.flatMap(\.settings.keys)).sorted().filter { name in
            Set(Self.runs(all, thatHave: name).map { $0.setting(name) }).count > 1
        }
    }

    /// The runs whose command knows the setting.
    public func runs(thatHave setting: String) -> [Run] { Self.runs(runs, thatHave: setting) }

    private static func runs(_ runs: [Run], thatHave setting: String) -> [Run] {
        let commands = Set(runs.filter { $0.settings[setting] != nil }.map(\.command))
        return runs.filter { commands.contains($0.command) }
    }

    /// As many last components of each path as tell it from the others.
    private static func names(of folders: [FilePath]) -> [String] {
        let paths = folders.map { folder in
            // `.` is nobody's name.
            (folder.lastComponent?.kind == .regular ? folder : folder.resolved).components.map(\.string)
        }
        return paths.enumerated().map { index, path in
            let others = paths.enumerated().filter { $0.offset != index }.map(\.element)
            let count = (1...max(path.count, 1)).first { count in
                !others.contains { $0.suffix(count) == path.suffix(count) }
            }
            let name = count.map { path.suffix($0).joined(separator: "/") } ?? ""
            return (name.isEmpty ? folders[index].string : name).printable
        }
    }
}
