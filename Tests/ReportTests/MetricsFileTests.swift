import Foundation
import Report
import Testing

@Suite("Reading metrics.jsonl")
struct MetricsFileTests {
    private func read(_ log: String) -> MetricsFile { MetricsFile(Array(log.utf8)) }

    /// Every number of every line comes back to the bit, under its name: Foundation's own reader is the oracle.
    @Test func valuesAreThoseOfTheLines() throws {
        let log = RunFolder.log(steps: 300)
        let metrics = read(log)
        #expect(metrics.training.count == 30 && metrics.evaluation.map(\.step) == [100, 200, 300])
        var (lines, heldOut) = (metrics.training[...], metrics.evaluation[...])
        for text in log.split(separator: "\n") {
            let wanted = try JSONDecoder().decode([String: Double].self, from: Data(text.utf8))
            let isHeldOut = wanted["eval_loss"] != nil
            let popped = isHeldOut ? heldOut.popFirst() : lines.popFirst()
            let line = try #require(popped)
            #expect(Double(line.step) == wanted["step"])
            let figures = wanted.filter { $0.key != "step" }
            #expect(line.figures == (isHeldOut ? ["loss": wanted["eval_loss"] ?? .nan] : figures))
        }
        #expect(lines.isEmpty && heldOut.isEmpty && metrics.unreadableLines.isEmpty && metrics.findings.isEmpty)
    }

    @Test func aTornLastLineIsLeftOut() {
        let whole = RunFolder.log(steps: 20)
        let line = whole.split(separator: "\n")[0]
        for length in 1..<line.utf8.count {
            let torn = read(whole + line.prefix(length))
            #expect(torn.training == read(whole).training && torn.unreadableLines.isEmpty, "\(length) bytes")
        }
        // A whole line whose end is still to be written is a line.
        #expect(read(whole + line).training.count == 3)
    }

    @Test func whatIsNoLineIsCounted() {
        let metrics = read(
            """
            {"loss":1,"step":1}
            nonsense
            {"loss":2}
            [1, 2]

            {"loss":3,"step":"three"}
            {"loss":4,"step":-4}
            {"loss":5,"step":1e300}
            {"loss":6,"step":6}

            """)
        #expect(metrics.training.map(\.step) == [1, 6])
        #expect(metrics.unreadableLines == [2, 3, 4, 6, 7, 8])
    }

    /// Other programs write infinite values in their own ways.
    @Test(arguments: ["null", "NaN", "Infinity", "-Infinity", #""text""#, "[1]", #"{"a": 1}"#, "true"])
    func whatIsNoNumberIsNotMeasured(value: String) {
        let metrics = read(
            #"{"loss":\#(value),"auc":0.5,"step":7}"# + "\n" + #"{"eval_loss":\#(value),"step":7}"# + "\n")
        #expect(metrics.training.map(\.figures) == [["auc": 0.5]])
        #expect(metrics.evaluation.map(\.figures) == [[:]])
        #expect(metrics.unreadableLines.isEmpty)
    }

    @Test func unknownFiguresKeepTheirNames() {
        let metrics = read(#"{"loss_z_score":-1.5,"memory":1e9,"step":7,"tokens/en":12}"# + "\n")
        #expect(metrics.training.map(\.figures) == [["loss_z_score": -1.5, "memory": 1e9, "tokens/en": 12]])
    }

    @Test func findingsAreNotFigures() {
        let log = #"""
            {"health":"few_sequences","message":"says \"why\"","step":0}
            {"loss":1,"step":10}
            {"health":"unheard_of","message":"new","step":20}

            """#
        let metrics = read(log)
        #expect(metrics.findings.map(\.health) == ["few_sequences", "unheard_of"])
        #expect(metrics.findings.map(\.step) == [0, 20] && metrics.findings[0].message == #"says "why""#)
        #expect(metrics.training.map(\.step) == [10])
    }
}
