import Corpus
import Random
import Storage
import SystemPackage

/// The examples of a task as token ids, to train on and to test with.
public struct ClassificationData: Sendable {
    /// In the order of the model that is a classifier of the same labels. Else numbers in the order of their values where all are
    /// whole numbers, and others by their characters.
    public let labels: [String]
    public let train: [LabeledSequence]
    public let test: [LabeledSequence]
    /// Examples that lost tokens at their ends, of both parts.
    public let cutCount: Int
    private let trainFile: FilePath

    /// A confusion matrix has a number for each pair of labels.
    package static let labelLimit = 1000

    /// - Parameters:
    ///   - hasTokenTypes: whether the model knows a type for the second text of a pair.
    ///   - storedLabels: of the model, if it is a classifier.
    /// - Throws: ``FinetuningError`` of examples that no classifier can be trained on or tested with; the errors of
    ///   `LabeledTextFile`.
    public init(
        train: FilePath, test: FilePath, encoder: TextEncoder, hasTokenTypes: Bool, storedLabels: [String] = []
    ) throws {
        let trainTexts = try Self.texts(of: train)
        let testTexts = try Self.texts(of: test)
        if (trainTexts[0].pair == nil) != (testTexts[0].pair == nil) {
            throw FinetuningError(.pairsAndSingles(train: train), test)
        }
        let distinct = Set(trainTexts.map(\.label))
        // A head's rows are in the order of its own labels.
        let isSameTask = storedLabels.count == distinct.count && Set(storedLabels) == distinct
        let labels = isSameTask ? storedLabels : Self.sorted(distinct)
        guard labels.count > 1 else { throw FinetuningError(.oneLabel(labels[0]), train) }
        guard labels.count <= Self.labelLimit else {
            throw FinetuningError(.tooManyLabels(labels.count, limit: Self.labelLimit), train)
        }
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
        trainFile = train
    }

    /// At least one.
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

    /// The training examples without one of the ``FinetuningSettings/foldCount`` parts that a seed cuts them into, and that part.
    ///
    /// - Throws: ``FinetuningError`` if there are fewer examples than parts.
    package func heldBack(
        fold: Int, seed: UInt64
    ) throws(FinetuningError) -> (rest: [LabeledSequence], heldBack: [LabeledSequence]) {
        let count = train.count / FinetuningSettings.foldCount
        guard count > 0 else { throw FinetuningError(.tooFewExamples(train.count), trainFile) }
        let order = Permutation(
            count: train.count, stream: RandomStream(seed: seed, purpose: .shuffle), pass: 0, section: 1)
        let held = Set((fold * count..<(fold + 1) * count).map { order[$0] })
        let (rest, part) = (train.indices.filter { !held.contains($0) }, train.indices.filter(held.contains))
        return (rest.map { train[$0] }, part.map { train[$0] })
    }
}
