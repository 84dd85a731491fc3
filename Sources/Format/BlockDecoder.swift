import Storage

/// Turns frames back into blocks, refusing all that is not one. Not to be shared between threads.
public final class BlockDecoder {
    private let decompressor = FrameDecompressor()

    public init() {}

    /// - Parameters:
    ///   - frame: The zstd frame, whole.
    ///   - contentSize: Bytes of the frame's content, as the block index gives them.
    ///   - location: The file and the frame's offset, for errors.
    func decode(
        _ frame: [UInt8], contentSize: Int, shape: BlockShape, at location: ErrorLocation
    ) throws(ShardError) -> SequenceBlock {
        // Bit 2 of a frame's descriptor, its fifth byte: a checksum follows the content.
        guard frame.count > 4, frame[4] & 4 != 0 else {
            throw ShardError(.blockCorrupt, "the frame has no content checksum", at: location)
        }
        do {
            try decompressor.decompress(frame, expecting: contentSize)
        } catch {
            switch error {
            case .corrupt(let words): throw ShardError(.blockCorrupt, "zstd says: \(words)", at: location)
            case .wrongSize:
                throw ShardError(
                    .blockCorrupt, "the frame does not hold the \(contentSize) bytes that the index announces",
                    at: location)
            }
        }
        return try decompressor.content.withUnsafeBufferPointer { content throws(ShardError) in
            try SequenceBlock(content: UnsafeBufferPointer(rebasing: content[..<contentSize]), shape, at: location)
        }
    }
}
