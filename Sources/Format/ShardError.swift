import Storage
import SystemPackage

/// Why a shard or a data set was refused.
public struct ShardError: ExplainedError, Hashable {
    /// The kind of the fault; `docs/format.md` lists the check behind each one.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// The operating system refused; ``ShardError/cause`` has its words.
        case inputOutput
        /// The file does not start as a shard does.
        case notAShard
        /// A version of the format that this reader does not know.
        case unsupportedVersion
        /// The file ends before the end that it announces.
        case truncated
        /// The header's JSON cannot be read.
        case headerMalformed
        /// The header's values break a limit of the format or contradict one another.
        case headerOutOfRange
        /// A CRC-32 of the header or the block index does not match.
        case checksumMismatch
        /// The block index is not well formed or contradicts the header.
        case indexMismatch
        /// The seek table is not the one that the block index implies.
        case seekTableMismatch
        /// A block's zstd frame does not decompress, or fails its checksum.
        case blockCorrupt
        /// A block's columns do not cover its bytes exactly, or its counts contradict the index.
        case blockShapeMismatch
        /// Sequence lengths or numbers of masked positions contradict the totals or the limits.
        case lengthsMismatch
        /// A token id is not in the vocabulary.
        case tokenOutOfRange
        /// A masked position lies outside its sequence.
        case positionOutOfRange
        /// Head logits do not descend within the range of their code.
        case headOutOfOrder
        /// A token is twice in the head of one position. Only ``ShardVerifier`` looks.
        case headNotDistinct
        /// A race was won by a token of the head, or twice running by one token. Only ``ShardVerifier`` looks.
        case winnerNotInTail
        /// The temperatures at which a race's lead changes do not ascend within their range.
        case raceOutOfOrder
        /// The block, sequence or entry asked for is not there.
        case outOfBounds
        /// Two shards do not belong to one data set.
        case mixedShards
        /// Sequences are missing between two shards.
        case coverageGap
        /// Sequences are in two shards.
        case coverageOverlap
        /// The manifest's JSON cannot be read.
        case manifestMalformed
        /// There are shards, and no manifest.
        case manifestMissing
        /// The manifest does not describe the shards that are there.
        case manifestStale
        /// The folder holds no shard.
        case noShards
        /// The tokenizer in the folder has other tokens than the shards.
        case otherVocabulary
    }

    public let kind: Kind
    public let problem: String
    public let location: ErrorLocation?
    public let remedy: String
    /// The failed system call behind ``Kind/inputOutput``.
    public let cause: FileError?

    public var blame: Blame { cause?.blame ?? .data }

    public init(
        _ kind: Kind, _ problem: String, at location: ErrorLocation? = nil, remedy: String? = nil
    ) {
        self.kind = kind
        self.problem = problem
        self.location = location
        self.remedy = remedy ?? kind.remedy
        cause = nil
    }

    public init(_ cause: FileError) {
        kind = .inputOutput
        problem = cause.problem
        location = cause.location
        remedy = cause.remedy
        self.cause = cause
    }

    /// The remedy for a manifest that is wrong while all shards are there.
    package static let writeManifestAnew = "Write it anew from the shards"

    public static func == (left: Self, right: Self) -> Bool {
        left.kind == right.kind && left.problem == right.problem && left.location == right.location
            && left.remedy == right.remedy
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(kind)
        hasher.combine(problem)
        hasher.combine(location)
    }
}

extension ShardError.Kind {
    var remedy: String {
        switch self {
        case .inputOutput: "Remove the cause and run the same command again"
        case .notAShard:
            "Name a shard that `fast-electra generate` wrote. If it is a broken shard of a data set, remove it and run the same"
                + " `generate` command again"
        case .unsupportedVersion: "Use a version of fast-electra that reads it, or generate the shard again"
        case .truncated, .headerMalformed, .headerOutOfRange, .checksumMismatch, .indexMismatch, .seekTableMismatch,
            .blockCorrupt, .blockShapeMismatch, .lengthsMismatch, .tokenOutOfRange, .positionOutOfRange,
            .headOutOfOrder, .headNotDistinct, .winnerNotInTail, .raceOutOfOrder:
            "Copy the file again from its source, or remove it and run the same `generate` command again"
        case .outOfBounds: "Ask for one that exists"
        case .mixedShards: "Keep the shards of each `generate` run in a folder of their own"
        case .coverageGap: "Bring back the missing shard, or run the same `generate` command again"
        case .coverageOverlap: "Remove one of the two shards"
        case .manifestMissing, .manifestMalformed, .manifestStale: ShardError.writeManifestAnew
        case .noShards:
            "Name a folder that `fast-electra generate` wrote. If `generate` was interrupted, run it again first"
        case .otherVocabulary: "Copy the tokenizer's files again from the folder of the generator"
        }
    }
}

/// Runs `body`, turning a failed system call into a ``ShardError``.
func reportingFileErrors<Result: ~Copyable>(_ body: () throws(FileError) -> Result) throws(ShardError) -> Result {
    do {
        return try body()
    } catch {
        throw ShardError(error)
    }
}
