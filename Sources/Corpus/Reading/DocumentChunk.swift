import SystemPackage

/// A document's text, or a part of it.
///
/// Of a text file whole lines: a short document is one chunk, a long one several; their bytes one after the other are
/// the document's. Chunks end where words end, so each can be tokenized on its own, on any thread. Of JSON lines a whole
/// document. Of FASTA the letters of a record, without line ends.
public struct DocumentChunk: Sendable {
    /// UTF-8; in a text file with the line ends of the file.
    public let bytes: [UInt8]
    /// Whether the document's first chunk.
    public let startsDocument: Bool
    /// Whether line breaks belong to the text, as in a JSON string; in a text file they only divide it.
    public let hasLineBreaks: Bool
    /// Whether it is of a record of FASTA: its sequences are windows of letters.
    public let isOfRecord: Bool
    public let file: FilePath
    /// The number of the chunk's first line in the file, from 1.
    public let line: Int
}
