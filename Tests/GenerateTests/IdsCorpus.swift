import Corpus
import Fixtures
import Format
import Generate
import Storage
import SystemPackage

/// Ids for the random generator: about 1,000 sequences, four shards a pass.
struct IdsCorpus {
    let generator = RandomGenerator()
    private let folder: FilePath
    private let text: FilePath

    init() throws {
        folder = try temporaryFolder()
        try DurableFile.write(
            #"{"vocab_size": 90, "pad_token_id": 0, "cls_token_id": 2, "sep_token_id": 3, "mask_token_id": 4}"#,
            to: folder.appending("config.json"))
        text = folder.appending("ids.jsonl")
        let lines = (0..<3000).map { line in
            let ids = (0..<1 + line * line % 11).map { "\(5 + (line * 7 + $0 * $0) % 85)" }
            return #"{"input_ids": [\#(ids.joined(separator: ", "))]}"#
        }
        try DurableFile.write(lines.joined(separator: "\n"), to: text)
    }

    /// Counts the sequences that are made.
    private struct CountedSource: SequenceSource {
        final class Counter { var count = 0 }

        var source: PackedSequences
        let counter: Counter

        mutating func next() throws -> TokenSequence? {
            counter.count += 1
            return try source.next()
        }

        var progress: (done: Int, total: Int) { source.progress }
        var position: SequencePosition? { source.position }
        var textCounts: TextCounts? { source.textCounts }
    }

    /// - Returns: sequences that were made of ids.
    func generate(
        into shards: FilePath, part: DatasetPart? = nil, corpus: String = "this", passes: Int = 1, threads: Int = 2,
        stoppingAfter shardCount: Int = .max, tokens: Int = .max
    ) throws -> (made: Int, summary: GenerationSummary?) {
        let input = try CorpusInput.ids([text], model: folder)
        let counter = CountedSource.Counter()
        let run = ShardGenerator(
            generator.model, parameters: generator.parameters, header: generator.header(),
            masking: generator.masking, passes: passes, threads: threads, folder: shards)
        var seen = 0
        do {
            let summary = try run.generate(
                part: part,
                from: {
                    CountedSource(
                        source: try input.sequences(maxLength: RandomGenerator.maximumLength, behind: $0),
                        counter: counter)
                }, corpus: corpus, input: FileSnapshot(of: [text]), progress: { seen = $0.tokens },
                isInterrupted: { seen >= tokens || ((try? Self.shardNames(in: shards).count) ?? 0) >= shardCount })
            return (counter.count, summary)
        } catch is CancellationError {
            return (counter.count, nil)
        }
    }

    static func shardNames(in shards: FilePath) throws -> [String] {
        try Folder(shards).names().filter { $0.hasSuffix(".shard") }
    }

    /// Of all files, by their paths in a folder.
    static func contents(of folder: FilePath) throws -> [String: [UInt8]] {
        var contents: [String: [UInt8]] = [:]
        for name in try Folder(folder).names() {
            let path = folder.appending(name)
            if Folder(path).exists {
                for (inner, bytes) in try Self.contents(of: path) { contents["\(name)/\(inner)"] = bytes }
            } else {
                contents[name] = try RandomAccessFile.contents(of: path)
            }
        }
        return contents
    }

    /// Makes a folder that has other names of the same files.
    static func copy(_ folder: FilePath, to copy: FilePath) throws {
        for (name, bytes) in try contents(of: folder) {
            let path = copy.appending(FilePath(name).components)
            try Folder(path.removingLastComponent()).create()
            try DurableFile.write(bytes, to: path)
        }
    }
}
