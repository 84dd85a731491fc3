/// The lines of a run's log as a page draws them: at even distances where there are many, each as it stands in the file.
public struct RunCurves: Encodable, Sendable {
    public struct Series: Encodable, Sendable {
        public let steps: [Int]
        /// By name, a value for each step; `nil` where the line has none.
        public let figures: [String: [Double?]]

        fileprivate init(_ lines: [MetricsFile.Line], names: Set<String>) {
            steps = lines.map(\.step)
            figures = Dictionary(uniqueKeysWithValues: names.map { name in (name, lines.map { $0.figures[name] }) })
        }
    }

    public let training: Series
    public let evaluation: Series
    /// Lines of training that the page does not have.
    public let omittedLines: Int

    /// - Parameters:
    ///   - names: of the figures that are shown.
    ///   - limit: lines of training, and as many of held-out sequences.
    init(_ metrics: MetricsFile, names: Set<String>, limit: Int) {
        let lines = Self.spread(metrics.training, limit: limit)
        func series(_ lines: [MetricsFile.Line], _ names: Set<String>) -> Series {
            Series(lines, names: names.intersection(lines.flatMap(\.figures.keys)))
        }
        training = series(lines, names.union([RunFigure.tokens, RunFigure.seconds]))
        evaluation = series(Self.spread(metrics.evaluation, limit: limit), names)
        omittedLines = metrics.training.count - lines.count
    }

    /// At most `limit` of the lines, the first and the last among them.
    private static func spread(_ lines: [MetricsFile.Line], limit: Int) -> [MetricsFile.Line] {
        guard lines.count > limit, limit > 1 else { return lines }
        return (0..<limit).map { lines[$0 * (lines.count - 1) / (limit - 1)] }
    }
}
