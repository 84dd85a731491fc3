import Corpus
import Finetuning
import Storage
import SystemPackage
import Testing

@Suite struct ClassificationDataTests {
    private func data(_ train: String, _ test: String) throws -> ClassificationData {
        let task = try SmallTask()
        try DurableFile.write(train, to: task.train)
        try DurableFile.write(test, to: task.test)
        return try task.data
    }

    private func refusal(_ train: String, _ test: String) -> (FinetuningError.Kind?, Int?) {
        let error = #expect(throws: FinetuningError.self) { try data(train, test) }
        return (error?.kind, error?.line)
    }

    @Test func labelsAreSorted() throws {
        #expect(try data("b\tx\na\tx\nB\tx\n", "a\tx\n").labels == ["B", "a", "b"])
        #expect(try data("10\tx\n9\tx\n-1\tx\n", "9\tx\n").labels == ["-1", "9", "10"])
        #expect(try data("10\tx\n9\tx\nnone\tx\n", "9\tx\n").labels == ["10", "9", "none"])
    }

    @Test func textsBecomeSequences() throws {
        let data = try data("a\tgood film\tthe plot\nb\tbad\tso\n", "b\t\t\n")
        #expect(data.train[0].tokens == [2, 5, 8, 3, 7, 12, 3] && data.train[0].secondSegment == 4)
        #expect(data.train.map(\.label) == [0, 1])
        #expect(data.test[0].tokens == [2, 3, 3] && data.cutCount == 0)
        let long = Array(repeating: "so", count: 20).joined(separator: " ")
        #expect(try self.data("a\t\(long)\nb\tso\n", "b\t\(long)\n").cutCount == 2)
    }

    @Test func refusals() throws {
        #expect(refusal("", "a\tx\n").0 == .noExamples)
        #expect(refusal("a\tx\nb\ty\n", "\n").0 == .noExamples)
        #expect(refusal("a\tx\na\ty\n", "a\tx\n").0 == .oneLabel("a"))
        let unknown = refusal("a\tx\nb\ty\n", "a\tx\nc\tx\n")
        guard case .unknownLabel("c", _) = unknown.0 else {
            Issue.record("\(unknown)")
            return
        }
        #expect(unknown.1 == 2)
        guard case .pairsAndSingles = refusal("a\tx\ty\nb\ty\tz\n", "a\tx\n").0 else {
            Issue.record("pairs and single texts")
            return
        }
    }

    /// The parts are at random and of one size. They have no example in common, and none is lost.
    @Test(arguments: [5, 9, 10, 41]) func heldBack(count: Int) throws {
        // Each example is another text, so that it can be told from the others.
        let lines = (0..<count).map { index in
            "\(index % 2)\t" + String(index, radix: 2).map { $0 == "0" ? "good" : "bad" }.joined(separator: " ") + "\n"
        }
        let data = try data(lines.joined(), "0\tgood\n")
        func tokens(_ sequences: [LabeledSequence]) -> [[Int32]] { sequences.map(\.tokens) }
        var held: [[Int32]] = []
        for fold in 0..<FinetuningSettings.foldCount {
            let parts = try data.heldBack(fold: fold, seed: 1)
            #expect(parts.heldBack.count == count / 5)
            #expect(Set(tokens(parts.rest + parts.heldBack)) == Set(tokens(data.train)))
            #expect(parts.rest.count + parts.heldBack.count == count)
            held += tokens(parts.heldBack)
        }
        #expect(Set(held).count == held.count)
        #expect(try tokens(data.heldBack(fold: 0, seed: 1).heldBack) == Array(held.prefix(count / 5)))
        let ofSeeds = try Set((1...5).map { try tokens(data.heldBack(fold: 0, seed: $0).heldBack) })
        #expect(ofSeeds.count > 1)
    }

    /// All parts of few examples, two of many, and between them as many as 1,000 held-back examples take.
    @Test(arguments: [(5, 5), (500, 5), (1000, 5), (1250, 4), (1500, 4), (1700, 3), (2500, 2), (100_000, 2)])
    func partsThatChooseARate(examples: Int, parts: Int) {
        #expect(FinetuningSettings.selectionRuns(for: examples) == parts)
    }

    @Test func tooFewToHoldBack() throws {
        let task = try SmallTask()
        try DurableFile.write("a\tgood\nb\tbad\na\tso\nb\tfilm\n", to: task.train)
        try DurableFile.write("a\tgood\n", to: task.test)
        var settings = task.settings
        settings.learningRates = [1e-2, 1e-3]
        let error = #expect(throws: FinetuningError.self) { try task.run(settings) }
        #expect(error?.kind == .tooFewExamples(4) && error?.path == task.train)
        #expect(!Folder(task.folder).contains("out"))
    }

    @Test func labelsHaveALimit() throws {
        func lines(_ count: Int) -> String { (0..<count).map { "\($0)\tso\n" }.joined() }
        let limit = ClassificationData.labelLimit
        #expect(try data(lines(limit), "0\tso\n").labels.count == limit)
        #expect(refusal(lines(limit + 1), "0\tso\n").0 == .tooManyLabels(limit + 1, limit: limit))
    }
}
