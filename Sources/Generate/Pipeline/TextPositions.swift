import Corpus
import Format
import FoundationEssentials
import Storage
import SystemPackage

/// Where in the text the shards of a pass begin: the text before a shard need not be tokenized again, be it that the shards there
/// are made or that they are of other parts.
///
/// They lie in a folder beside the shards, a file for each place, and are the same whoever writes them. They are a convenience:
/// where one is missing, damaged, or of another corpus, the text is read from an earlier place. A file is JSON and, on a second
/// line, the CRC-32 of the first.
struct TextPositions {
    static let folderName = "text-positions"

    struct Place: Codable {
        /// The identity of the corpus.
        let corpus: String
        /// Sequences of the pass up to there.
        let sequences: UInt64
        /// Of the whole text, if it ends there.
        let counts: TextCounts?
        let position: SequencePosition

        var isEnd: Bool { counts != nil }
    }

    let folder: FilePath
    /// The identity of the corpus.
    let corpus: String

    init(besideShards shards: FilePath, of corpus: String) {
        folder = shards.appending(Self.folderName)
        self.corpus = corpus
    }

    /// The place behind so many sequences.
    func place(behind sequences: UInt64) -> Place? {
        guard let bytes = try? RandomAccessFile.contents(of: folder.appending(Self.name(sequences))) else { return nil }
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard lines.count == 3, String(decoding: lines[1], as: UTF8.self) == "\(CyclicRedundancyCheck.of(lines[0]))",
            let place = try? JSONDecoder().decode(Place.self, from: Data(lines[0])), place.corpus == corpus,
            place.sequences == sequences
        else { return nil }
        return place
    }

    /// The last place that is not behind a sequence, and is behind another.
    func last(notBehind sequences: UInt64, after other: UInt64) -> Place? {
        let newest = Self.name(sequences)
        for name in ((try? Folder(folder).names()) ?? []).reversed() where name <= newest {
            guard let count = Self.sequences(name), count > other else { continue }
            if let place = place(behind: count) { return place }
        }
        return nil
    }

    /// The place where the text ends, if somebody has been there.
    func end() -> Place? {
        guard let name = try? Folder(folder).names().last, let count = Self.sequences(name),
            let place = place(behind: count), place.isEnd
        else { return nil }
        return place
    }

    /// Several processes may write the same place at once. They write the same bytes, and a place that one of them leaves half
    /// written is found out by its CRC.
    ///
    /// - Parameter counts: of the whole text, if it ends there.
    func keep(_ position: SequencePosition, behind sequences: UInt64, counts: TextCounts?) throws {
        if place(behind: sequences) != nil { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let place = Place(corpus: corpus, sequences: sequences, counts: counts, position: position)
        let line = Array(try encoder.encode(place))
        try write(
            line + Array("\n\(CyclicRedundancyCheck.of(line))\n".utf8), to: folder.appending(Self.name(sequences)))
    }

    private func write(_ bytes: [UInt8], to path: FilePath) throws(FileError) {
        do {
            try Folder(folder).make()
            try DurableFile.write(bytes, to: path)
        } catch {
            // Another process may have given the file its name, or somebody has moved the data set: whoever writes shards says so.
            if error.errno != .noSuchFileOrDirectory { throw error }
        }
    }

    private static let (prefix, suffix, digits) = ("sequence-", ".json", 15)

    private static func name(_ sequences: UInt64) -> String {
        let number = String(sequences)
        return prefix + String(repeating: "0", count: max(0, digits - number.count)) + number + suffix
    }

    private static func sequences(_ name: String) -> UInt64? {
        guard name.hasPrefix(prefix), name.hasSuffix(suffix) else { return nil }
        return UInt64(name.dropFirst(prefix.count).dropLast(suffix.count))
    }
}
