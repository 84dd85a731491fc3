import SystemPackage

/// Whole lines of one document, as they stand in the file.
///
/// A short document is one chunk, a long one several; their bytes one after the other are the document's. Chunks end
/// where words end, so each can be tokenised on its own, on any thread.
public struct DocumentChunk: Sendable {
    /// UTF-8, with the line ends of the file.
    public let bytes: [UInt8]
    /// Whether the document's first chunk.
    public let startsDocument: Bool
    public let file: FilePath
    /// The number of the chunk's first line in the file, from 1.
    public let line: Int
}

extension WordPieceTokenizer {
    /// The ids of a chunk, without `[CLS]` and `[SEP]`.
    public func encode(_ chunk: DocumentChunk) -> [Int32] {
        var ids: [Int32] = []
        // English has a token for every four to five bytes; room for that avoids growing.
        ids.reserveCapacity(chunk.bytes.count / 4)
        encode(chunk.bytes.span, into: &ids)
        return ids
    }
}
