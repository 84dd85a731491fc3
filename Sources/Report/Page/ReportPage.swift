import FoundationEssentials
import JSON
import Page

/// The page of `report`: the runs side by side, with their curves.
public struct ReportPage: Sendable {
    /// Lines of logs that a page has: of a run, and of all together.
    private static let (linesOfRun, lines) = (1000, 6000)

    public static let kind = PageKind(
        command: "report", title: "Runs", body: PackageResources.report_html, style: PackageResources.report_css,
        programs: [PackageResources.curves_js, PackageResources.report_js])

    private struct Content: Encodable {
        let report: RunReport
        /// Those that a curve is drawn of.
        let figures: [RunFigure]
        let curves: [RunCurves]
    }

    private let data: String

    /// - Throws: `EncodingError` where a figure is not a number.
    public init(_ runs: [RecordedRun]) throws {
        let names = Set(runs.flatMap { ($0.metrics.training + $0.metrics.evaluation).flatMap(\.figures.keys) })
        let figures = RunFigure.ordered(names)
        let limit = max(20, min(Self.linesOfRun, Self.lines / max(runs.count, 1)))
        let curves = runs.map { RunCurves($0.metrics, names: Set(figures.map(\.name)), limit: limit) }
        let content = Content(report: RunReport(runs), figures: figures, curves: curves)
        data = String(decoding: try JSONEncoder.ofResults.encode(content), as: UTF8.self)
    }

    /// The whole page.
    public var html: String { Self.kind.html(data: data) }
}
