import Foundation
import Page
import Report
import Testing

/// Checks without a browser; `make browser-test` opens the page in one.
@Suite("The page of runs")
struct ReportPageTests {
    private struct Content: Decodable {
        struct Series: Decodable {
            let steps: [Int]
            let figures: [String: [Double?]]
        }
        struct Curves: Decodable {
            let training: Series
            let evaluation: Series
            let omittedLines: Int

            private enum CodingKeys: String, CodingKey {
                case training, evaluation
                case omittedLines = "omitted_lines"
            }
        }
        struct Figure: Decodable { let name: String }
        let curves: [Curves]
        let figures: [Figure]
    }

    private func data(of html: String) throws -> Content {
        let start = try #require(html.range(of: #"type="application/json">"#))
        let end = try #require(html.range(of: "</script>", range: start.upperBound..<html.endIndex))
        return try JSONDecoder().decode(Content.self, from: Data(html[start.upperBound..<end.lowerBound].utf8))
    }

    /// Every value of every curve is that of its line, to the bit.
    @Test(arguments: [(170, 10), (30_000, 10)])
    func curvesAreTheLines(steps: Int, interval: Int) throws {
        let log = RunFolder.log(steps: steps, interval: interval)
        let page = try data(of: ReportPage([try RunFolder().run(log)]).html)
        let lines = try log.split(separator: "\n").map {
            try JSONDecoder().decode([String: Double].self, from: Data($0.utf8))
        }
        let curves = page.curves[0]
        let training = Dictionary(
            uniqueKeysWithValues: lines.filter { $0["loss"] != nil }.map { (Int($0["step"] ?? -1), $0) })
        let heldOut = Dictionary(
            uniqueKeysWithValues: lines.filter { $0["eval_loss"] != nil }.map { (Int($0["step"] ?? -1), $0) })
        #expect(
            curves.training.figures.keys.sorted() == [
                "auc", "loss", "replace_rate", "seconds", "temperature", "tokens",
            ])
        for (name, values) in curves.training.figures {
            #expect(values == curves.training.steps.map { training[$0]?[name] }, "\(name)")
        }
        #expect(curves.evaluation.figures["loss"] == curves.evaluation.steps.map { heldOut[$0]?["eval_loss"] })
        #expect(curves.training.steps.first == interval && curves.training.steps.last == steps)
        #expect(curves.training.steps.count + curves.omittedLines == training.count)
        #expect(curves.training.steps.count == min(training.count, 1000))
    }

    @Test func partsOfTheDataAreNotDrawn() throws {
        let log =
            #"{"epoch/en":1,"loss":null,"memory":5,"step":1,"tokens/en":9}"# + "\n" + #"{"loss":1,"step":2}"# + "\n"
        let page = try data(of: ReportPage([try RunFolder().run(log)]).html)
        #expect(page.figures.map(\.name) == ["loss", "memory"])
        #expect(page.curves[0].training.figures["loss"] == [nil, 1])
        #expect(page.curves[0].training.figures["memory"] == [5, nil])
    }

    @Test func staysSmall() throws {
        let log = RunFolder.log(steps: 20_000)
        let runs = try (0..<20).map { try RunFolder("run-\($0)").run(log) }
        #expect(try ReportPage(runs).html.utf8.count < 2_000_000)
    }

    /// Texts of files end or start no element, and reach no terminal.
    @Test func textsAreInert() throws {
        let evil = "</script><script>alert(1)</script><!-- \u{2028}"
        var folder = try RunFolder("<b>&")
        folder.settings["--note"] = evil
        let log = try
            #"{"health":"x","message":\#(String(decoding: JSONEncoder().encode(evil), as: UTF8.self)),"step":1}"#
        let html = try ReportPage([try folder.run(log + "\n")]).html
        #expect(html.components(separatedBy: "<script").count == 3)
        #expect(!html.contains("alert(1)</script") && !html.contains("<!--") && !html.contains("{{"))
        for outside in ["src=", "href=", "url(", "@import", "fetch(", "innerHTML", "eval("] {
            #expect(!html.contains(outside), "\(outside)")
        }
        #expect(String(html.prefix(2000)).contains(ReportPage.kind.marker))
    }

    @Test func aRunWithoutALogHasAPage() throws {
        let page = try data(of: ReportPage([try RunFolder().run()]).html)
        #expect(page.figures.isEmpty && page.curves[0].training.steps.isEmpty)
    }
}
