import Finetuning
import Fixtures
import Study
import SystemPackage
import Testing

@Suite struct StudyReportTests {
    private let size = StudySize(
        name: "test", corpusBytes: 1, vocabularySize: 100, layerCount: 1, generatorLayerCount: 1,
        hiddenSize: 8, generatorSteps: 2, steps: 2,
        seeds: 2, arms: ["a", "f"], tasks: ["trec", "trec-all", "cola"], classifiers: 2, classifierRates: ["1e-3"],
        pairs: 1)

    /// Accuracies and Matthews correlations of two classifiers for each start.
    private func finetuned(_ accuracies: [[Double]], _ matthews: [[Double]]) -> [UInt8] {
        let starts = zip(accuracies, matthews).map { accuracy, matthews in
            #"{"measures":{"accuracy":{"values":\#(accuracy)},"matthews":{"values":\#(matthews)}}}"#
        }
        return Array("{\"starts\":[\(starts.joined(separator: ","))]}".utf8)
    }

    private func table() throws -> StudyTable {
        var results = try ResultsFile(try temporaryFolder().appending("results.jsonl"))
        func add(_ step: String, _ printed: [UInt8], seconds: Double = 1) throws {
            try results.append(
                ResultsFile.Line(step: step, arguments: [], processorSeconds: seconds, seconds: 1, printed: printed))
        }
        for seed in 1...2 {
            let shift = Double(seed) / 10
            try add(
                "generator/\(seed)/trec",
                finetuned([[0.5 + shift, 0.6 + shift], [0.3 + shift, 0.3 + shift]], [[0], [0]]))
            let evaluations = #"{"evaluations":[{"temperature":2,"auc":0.8},{"temperature":1,"auc":0.\#(seed)}]}"#
            try add("a/\(seed)", Array(evaluations.utf8), seconds: 40 + Double(seed) * 10)
            try add("a/\(seed)/trec", finetuned([[0.7 + shift, 0.8 + shift]], [[0]]))
        }
        try add("a/1/cola", finetuned([[0.9, 0.9]], [[0.1, 0.3]]))
        try add("generator/blimp", Array(#"{"accuracy":0.515}"#.utf8))
        return StudyTable(size, results)
    }

    @Test func valuesAreMeansOverClassifiersByMetric() throws {
        let table = try table()
        #expect(table.values("a", "trec").mapValues { ($0 * 100).rounded() } == [1: 85, 2: 95])
        #expect(table.values(StudyTable.none, "trec").mapValues { ($0 * 100).rounded() } == [1: 40, 2: 50])
        #expect(try abs(#require(table.values("a", "cola")[1]) - 0.2) < 1e-12)
        #expect(table.values("f", "trec").isEmpty)
        #expect(table.columns == ["trec", "cola", "blimp"])
        #expect(table.detectionColumns == ["auc-1", "auc-2"])
        #expect(table.values("a", "auc-1") == [1: 0.1, 2: 0.2] && table.values("a", "auc-2") == [1: 0.8, 2: 0.8])
        #expect(table.values(StudyTable.generator, "auc-1").isEmpty)
        // One score of one generator has no interval.
        #expect(table.interval(StudyTable.generator, "blimp")?.halfWidth == nil)
    }

    /// Random parameters have the shape of the model beside them: that of the first arm, if the generator is smaller.
    @Test func noPretrainingHasTheShapeOfTheDiscriminators() throws {
        var size = size
        size.layerCount = 2
        var results = try ResultsFile(try temporaryFolder().appending("results.jsonl"))
        for (step, accuracies) in [("generator/1/trec", [[0.7]]), ("a/1/trec", [[0.8], [0.6]])] {
            try results.append(
                ResultsFile.Line(
                    step: step, arguments: [], processorSeconds: 1, seconds: 1,
                    printed: finetuned(accuracies, accuracies)))
        }
        let table = StudyTable(size, results)
        #expect(table.values(StudyTable.none, "trec") == [1: 0.6])
        #expect(table.values(StudyTable.generator, "trec") == [1: 0.7] && table.values("a", "trec") == [1: 0.8])
    }

    @Test func differencesArePaired() throws {
        let test = try #require(try table().test("a", StudyTable.none, "trec"))
        #expect(abs(test.difference.mean - 0.45) < 1e-12)
        #expect(try table().test("a", "f", "trec") == nil)
    }

    @Test func pageKeepsWhatIsOutsideItsMarks() throws {
        let report = StudyReport(try table())
        let old = "before\n<!-- results.jsonl: begin -->\nstale\n<!-- results.jsonl: end -->\nafter\n"
        let page = try #require(report.page(old))
        #expect(page.hasPrefix("before\n<!-- results.jsonl: begin -->\n"))
        #expect(page.hasSuffix("<!-- results.jsonl: end -->\nafter\n"))
        #expect(!page.contains("stale"))
        #expect(page.contains("| (a) Fast-ELECTRA, T 2 to 1 | 0.900 ± 0.635 | 0.200 |  |"))
        #expect(page.contains("| (a) Fast-ELECTRA, T 2 to 1 | 0.150 ± 0.635 | 0.800 ± 0.000 |"))
        #expect(page.contains("| (a), training | 50, 60 |"))
        #expect(!page.contains("(f)"))
        #expect(report.page("no marks") == nil)
        #expect(try #require(report.page(page)) == page)
    }

    /// Arms of another text say nothing beside (a): each has a reference of its own.
    @Test func anArmIsComparedWithItsReference() throws {
        var size = size
        size.arms = ["a", "f", "n-p1", "n-p4"]
        size.tasks = ["trec"]
        var results = try ResultsFile(try temporaryFolder().appending("results.jsonl"))
        for (arm, shift) in [("a", 0.1), ("f", 0.2), ("n-p1", 0.3), ("n-p4", 0.5)] {
            for seed in 1...2 {
                try results.append(
                    ResultsFile.Line(
                        step: "\(arm)/\(seed)/trec", arguments: [], processorSeconds: 1, seconds: 1,
                        printed: finetuned([[shift * (1 + Double(seed) / 100)]], [[0]])))
            }
        }
        let text = StudyReport(StudyTable(size, results)).markdown
        #expect(text.contains("| a - f | **-0.10") && text.contains("| n-p1 - n-p4 | **-0.20"))
        #expect(!text.contains("| a - n-p"))
    }
}
