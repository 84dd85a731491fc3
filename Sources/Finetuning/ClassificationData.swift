import Corpus
import Random
import Storage
import SystemPackage

/// The examples of a task as token ids, to train on and to test with.
public struct ClassificationData: Sendable {
    /// Numbers in the order of their values where all are whole numbers; else by their characters.
    public let labels: [String]
    public let train: [LabeledSequence]
    public let test: [LabeledSequence]
    /// Texts that lost tokens at their ends, of both parts.
    public let cutCount: Int

    /// - Parameter hasTokenTypes: whether the model knows a type for the second text of a pair.
    public init(train: FilePath, test: FilePath, encoder: TextEncoder, hasTokenTypes: Bool) throws {
        let trainTexts = try Self.texts(of: train)
        let testTexts = try Self.texts(of: test)
        if let first = trainTexts.first, let other = testTexts.first, (first.pair == nil) != (other.pair == nil) {
            throw FinetuningError(.pairsAndSingles(train: train), test)
        }
        let labels = Self.sorted(Set(trainTexts.map(\.label)))
        guard labels.count > 1 else { throw FinetuningError(.oneLabel(labels[0]), train) }
        let ids = Dictionary(uniqueKeysWithValues: labels.enumerated().map { ($1, $0) })
        var cutCount = 0
        func sequences(_ texts: [LabeledText], _ path: FilePath) throws -> [LabeledSequence] {
            try texts.map { text in
                guard let label = ids[text.label] else {
                    throw FinetuningError(.unknownLabel(text.label, train: train), path, line: text.line)
                }
                let encoded = encoder.encode(text.text, pair: text.pair)
                if encoded.isCut { cutCount += 1 }
                return LabeledSequence(
                    tokens: encoded.tokens, secondSegment: hasTokenTypes ? encoded.secondSegment : nil, label: label)
            }
        }
        self.labels = labels
        self.train = try sequences(trainTexts, train)
        self.test = try sequences(testTexts, test)
        self.cutCount = cutCount
    }

    private static func texts(of path: FilePath) throws -> [LabeledText] {
        let texts = try LabeledTextFile(path).texts()
        if texts.isEmpty { throw FinetuningError(.noExamples, path) }
        return texts
    }

    static func sorted(_ labels: Set<String>) -> [String] {
        let numbers = labels.compactMap { label in Int(label).map { (number: $0, label: label) } }
        if numbers.count == labels.count { return numbers.sorted { $0 < $1 }.map(\.label) }
        return labels.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// The training examples without those that are held back, and these.
    package func heldBack(seed: UInt64) -> (rest: [LabeledSequence], heldBack: [LabeledSequence]) {
        let count = max(1, Int(Double(train.count) * FinetuningSettings.heldBackShare))
        let order = Permutation(
            count: train.count, stream: RandomStream(seed: seed, purpose: .shuffle), pass: 0, section: 1)
        let numbers = (0..<train.count).map { order[$0] }
        return (numbers[count...].sorted().map { train[$0] }, numbers[..<count].sorted().map { train[$0] })
    }
}
