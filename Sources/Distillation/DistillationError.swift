import KernelChoice
import Storage

/// Why a row of the generator's logits cannot be stored.
public struct DistillationError: ExplainedError, Hashable {
    public enum Kind: String, Sendable, Hashable {
        /// A logit is not a number, or plus infinity, or all are minus infinity.
        case logitsNotFinite
    }

    public let kind: Kind
    /// The sequence's number in its pass.
    public let sequence: UInt64
    public let position: Int

    public var blame: Blame { .data }
    public var location: ErrorLocation? { ErrorLocation(file: "corpus", .sequence(sequence)) }
    public var problem: String { "the generator's logits at position \(position) are not finite numbers" }
    public var remedy: String { "Check the generator's weights: they overflow or are damaged" }
}
