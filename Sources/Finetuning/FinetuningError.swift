import Storage
import SystemPackage

/// A classifier cannot be trained as asked.
public struct FinetuningError: ExplainedError {
    public enum Kind: Sendable, Hashable {
        case noExamples
        case oneLabel(String)
        case tooManyLabels(Int, limit: Int)
        case unknownLabel(_ label: String, train: FilePath)
        case pairsAndSingles(train: FilePath)
        case tooFewExamples(Int)
        case tooLong(Int, limit: Int)
        case malformedRecord(String)
    }

    public let kind: Kind
    public let path: FilePath
    public let line: Int?

    init(_ kind: Kind, _ path: FilePath, line: Int? = nil) {
        self.kind = kind
        self.path = path
        self.line = line
    }

    public var blame: Blame {
        switch kind {
        case .tooLong: .usage
        default: .data
        }
    }

    public var problem: String {
        switch kind {
        case .noExamples: "the file has no examples"
        case .oneLabel(let label): "every example has the label \(String(reflecting: label))"
        case .tooManyLabels(let count, let limit): "the examples have \(count) labels, and at most \(limit) are taken"
        case .unknownLabel(let label, let train): "the label \(String(reflecting: label)) is not in \(train)"
        case .pairsAndSingles(let train): "one of this file and \(train) has pairs of texts, the other has single texts"
        case .tooFewExamples(let count): "there are \(count) training examples, too few to hold some of them back"
        case .tooLong(let length, let limit): "\(length) tokens are asked for, the encoder takes \(limit)"
        case .malformedRecord(let detail): "the record of a finished run cannot be read: \(detail)"
        }
    }

    public var location: ErrorLocation? { ErrorLocation(file: path.string, line.map { .line($0) }) }

    public var remedy: String {
        switch kind {
        case .noExamples: "Give a label and a text on each line"
        case .oneLabel: "Give examples of two labels at least"
        case .tooManyLabels: "See whether the first column, or 'label' in JSON, is a label"
        case .unknownLabel: "Give training examples of every label that is tested"
        case .pairsAndSingles: "Give both in the same form"
        case .tooFewExamples: "Give more of them, or one learning rate alone"
        case .tooLong: "Ask for fewer tokens"
        case .malformedRecord: "Remove this file: the run is made again"
        }
    }
}
