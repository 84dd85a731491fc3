import Storage
import SystemPackage

extension Vocabulary {
    /// Reads a `vocab.txt` as Hugging Face's `load_vocab` does: one token a line, its id the number of the line; a line
    /// ends with LF or CR LF.
    public init(contentsOf path: FilePath, specialTokens: SpecialTokenNames = SpecialTokenNames()) throws(CorpusError) {
        try self.init(contentsOf: path, specialTokens: specialTokens, spellsEverything: false)
    }

    /// The unknown token may be missing where `spellsEverything`.
    init(contentsOf path: FilePath, specialTokens: SpecialTokenNames, spellsEverything: Bool) throws(CorpusError) {
        let bytes = try CorpusError.rethrowing(RandomAccessFile.contents(of: path))
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        let tokens = lines.map { line in
            Array(line.last == UInt8(ascii: "\r") ? line.dropLast() : line)
        }
        try self.init(
            tokens, specialTokens: specialTokens, file: path.string, spellsEverything: spellsEverything)
    }

    /// Writes `vocab.txt`, the ``canonicalBytes``.
    public func write(to path: FilePath) throws(CorpusError) {
        try CorpusError.rethrowing(DurableFile.write(canonicalBytes, to: path))
    }
}
