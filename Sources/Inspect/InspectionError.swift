import Storage
import SystemPackage

/// Why something cannot be shown.
public struct InspectionError: ExplainedError, Hashable {
    public enum Kind: Sendable, Hashable {
        case noSuchSequence(UInt64, count: UInt64)
        /// Some of the blocks looked at do not decode.
        case damaged(blocks: Int)
    }

    public let kind: Kind
    public let path: FilePath

    public init(_ kind: Kind, at path: FilePath) {
        self.kind = kind
        self.path = path
    }

    public var blame: Blame {
        switch kind {
        case .noSuchSequence: .usage
        case .damaged: .data
        }
    }

    public var location: ErrorLocation? { ErrorLocation(file: path.string) }

    public var problem: String {
        switch kind {
        case .noSuchSequence(let index, let count): "there is no sequence \(index) among \(count), numbered from 0"
        case .damaged(let blocks): "of the blocks looked at, \(blocks) cannot be read"
        }
    }

    public var remedy: String {
        switch kind {
        case .noSuchSequence: "Choose a lower number"
        case .damaged: "Find all faults with fast-electra verify, then copy the shards again or generate them anew"
        }
    }
}
