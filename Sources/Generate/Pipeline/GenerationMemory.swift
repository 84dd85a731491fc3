import Format
import Kernels
import Models

/// The memory that generating takes, in bytes, by its large parts: parameters, and on each thread activations, logits and
/// the block in the making.
public struct GenerationMemory: MemoryEstimate, Hashable {
    public let byteCount: Int

    /// A block that is filled exists as growing columns, as one column in wider integers, as content and as a frame.
    static let copiesOfBlock = 5

    public init(_ model: MaskedLanguageModel, _ header: ShardHeader, threads: Int) throws(GenerationError) {
        let float = MemoryLayout<Float>.stride
        let packed = PackedFactor.isOfUse ? model.weights.reduce(0) { $0 + $1.count } : 0
        let activations = EncoderWorkspace.byteCount(
            model.configuration, tokenCapacity: BlockGenerator.tokenCapacity(header),
            longestSequence: header.maximumLength, use: .inference)
        let prediction = PredictionWorkspace.byteCount(model.configuration, rowCapacity: BlockGenerator.rowCapacity)
        let block = Self.copiesOfBlock * (try header.checkedBlockSize())
        byteCount = (model.layout.count + packed) * float + threads * (activations + prediction + block)
    }
}
