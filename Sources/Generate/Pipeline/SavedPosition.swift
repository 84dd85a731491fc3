import Corpus
import Format
import FoundationEssentials
import Storage
import SystemPackage

/// How far the text had been read when the last shard was completed. It lies beside the shards, so that an interrupted run
/// need not tokenise again what they hold.
///
/// It is a convenience: where it is missing, damaged, or of another corpus, the text is read from its start. The file is JSON
/// and, on a second line, the CRC-32 of the first.
struct SavedPosition: Codable {
    static let fileName = "text-position.json"

    let pass: Int
    /// Sequences of the pass up to there.
    let sequences: UInt64
    /// What identifies the corpus.
    let corpus: String
    let position: SequencePosition

    init(pass: Int, sequences: UInt64, corpus: String, position: SequencePosition) {
        self.pass = pass
        self.sequences = sequences
        self.corpus = corpus
        self.position = position
    }

    /// What a folder has, nil where that is of no use.
    init?(in folder: FilePath, of corpus: String) {
        guard let bytes = try? RandomAccessFile.contents(of: folder.appending(Self.fileName)) else { return nil }
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard lines.count == 3, String(decoding: lines[1], as: UTF8.self) == "\(CyclicRedundancyCheck.of(lines[0]))",
            let saved = try? JSONDecoder().decode(Self.self, from: Data(lines[0])), saved.corpus == corpus
        else { return nil }
        self = saved
    }

    func write(to folder: FilePath) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let line = Array(try encoder.encode(self))
        try DurableFile.write(
            line + Array("\n\(CyclicRedundancyCheck.of(line))\n".utf8), to: folder.appending(Self.fileName))
    }

    /// Whether `shard`, which ends there, holds the sequence before the position.
    func isBehind(_ shard: Manifest.Entry, in folder: FilePath) throws(ShardError) -> Bool {
        let reader = try ShardReader(folder.appending(shard.name))
        let block = try reader.block(at: reader.blockCount - 1)
        return block.tokens[block.tokenRange(ofSequence: block.sequenceCount - 1)].elementsEqual(position.sequence)
    }
}
