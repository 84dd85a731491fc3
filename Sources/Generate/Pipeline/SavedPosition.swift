import Corpus
import Format
import FoundationEssentials
import Storage
import SystemPackage

/// How far the text had been read where the newest shard begins and where it ends. It lies beside the shards, so that an
/// interrupted run need not tokenise again what they hold.
///
/// It is written before the shard is completed: whatever moment the process ends at, one of the two places is where the
/// shards end. It is a convenience: where it is missing, damaged, or of another corpus, the text is read from its start. The
/// file is JSON and, on a second line, the CRC-32 of the first.
struct SavedPosition: Codable {
    static let fileName = "text-position.json"

    struct Place: Codable {
        /// Sequences of the pass up to there.
        let sequences: UInt64
        let position: SequencePosition
    }

    let pass: Int
    /// What identifies the corpus.
    let corpus: String
    /// The later one last; one alone where the shard is its pass's first.
    let places: [Place]

    init(pass: Int, corpus: String, places: [Place]) {
        self.pass = pass
        self.corpus = corpus
        self.places = places
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
}

extension SavedPosition.Place {
    /// Whether `shard`, which ends there, holds the sequence before the place.
    func isBehind(_ shard: Manifest.Entry, in folder: FilePath) throws(ShardError) -> Bool {
        let reader = try ShardReader(folder.appending(shard.name))
        let block = try reader.block(at: reader.blockCount - 1)
        return block.tokens[block.tokenRange(ofSequence: block.sequenceCount - 1)].elementsEqual(position.sequence)
    }
}
