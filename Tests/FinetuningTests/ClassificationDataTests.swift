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

    /// A fifth, at random, and no example in both parts.
    @Test func heldBack() throws {
        let task = try SmallTask()
        let data = try task.data
        let (rest, held) = data.heldBack(seed: 1)
        #expect(held.count == 8 && rest.count == 32)
        func texts(_ sequences: [LabeledSequence]) -> [[Int32]] { sequences.map { $0.tokens + [Int32($0.label)] } }
        #expect(
            texts(rest + held).sorted { $0.lexicographicallyPrecedes($1) }
                == texts(data.train).sorted { $0.lexicographicallyPrecedes($1) })
        #expect(texts(data.heldBack(seed: 1).heldBack) == texts(held))
        #expect(texts(data.heldBack(seed: 2).heldBack) != texts(held))
    }
}
