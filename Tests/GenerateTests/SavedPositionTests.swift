import Corpus
import Fixtures
import Format
import Foundation
import Generate
import Storage
import SystemPackage
import Testing

/// An interrupted run reads its text on where its shards end.
@Suite struct SavedPositionTests {
    private let generator = RandomGenerator()
    private let folder: FilePath
    private let text: FilePath
    private static let positionName = "text-position.json"

    /// Ids for the random generator: about 1,000 sequences, four shards.
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
    }

    /// - Returns: sequences that were made of ids.
    private func generate(
        into shards: FilePath, corpus: String = "this", passes: Int = 1, stoppingAfter shardCount: Int = .max
    ) throws -> (made: Int, summary: GenerationSummary?) {
        let input = try CorpusInput.ids([text], model: folder)
        let counter = CountedSource.Counter()
        let run = ShardGenerator(
            generator.model, parameters: generator.parameters, header: generator.header(),
            masking: generator.masking, passes: passes, threads: 2, folder: shards)
        do {
            let summary = try run.generate(
                from: {
                    CountedSource(
                        source: try input.sequences(maxLength: RandomGenerator.maximumLength, behind: $0),
                        counter: counter)
                }, corpus: corpus, input: FileSnapshot(of: [text]), progress: { _ in },
                isInterrupted: { ((try? shardNames(in: shards).count) ?? 0) >= shardCount })
            return (counter.count, summary)
        } catch is CancellationError {
            return (counter.count, nil)
        }
    }

    private func shardNames(in shards: FilePath) throws -> [String] {
        try Folder(shards).names().filter { $0.hasSuffix(".shard") }
    }

    private func contents(of folder: FilePath) throws -> [String: [UInt8]] {
        try Folder(folder).names().reduce(into: [:]) {
            $0[$1] = try RandomAccessFile.contents(of: folder.appending($1))
        }
    }

    @Test(arguments: [1, 2, 3]) func tokenisesNothingAgain(shards: Int) throws {
        let (whole, parts) = (try temporaryFolder(), try temporaryFolder())
        let undisturbed = try generate(into: whole, passes: 2)
        let sequences = undisturbed.made / 2
        #expect(sequences > 3 * 256)
        #expect(try generate(into: parts, passes: 2, stoppingAfter: shards).summary == nil)
        let continued = try generate(into: parts, passes: 2)
        #expect(continued.made == undisturbed.made - 256 * shards)
        #expect(try contents(of: whole) == contents(of: parts))
        #expect(try contents(of: whole)[Self.positionName] != nil)
        let counts = try #require(continued.summary?.text)
        #expect(counts == undisturbed.summary?.text)
        #expect(counts.tokens == (0..<3000).reduce(0) { $0 + 1 + $1 * $1 % 11 })
        #expect(try generate(into: parts, passes: 2).summary?.text == counts)
    }

    /// Whatever is wrong with the position, the shards come out the same.
    @Test func trustsNoDamagedPosition() throws {
        let (whole, stopped) = (try temporaryFolder(), try temporaryFolder())
        let all = try generate(into: whole).made
        _ = try generate(into: stopped, stoppingAfter: 2)
        let saved = try RandomAccessFile.contents(of: stopped.appending(Self.positionName))
        var damaged: [[UInt8]?] = [nil, [], Array(saved.dropLast(3)), saved + saved, Array("{}\n0\n".utf8)]
        for place in stride(from: 3, to: saved.count, by: saved.count / 8) {
            var bytes = saved
            bytes[place] ^= 1
            damaged.append(bytes)
        }
        for bytes in damaged {
            let parts = try temporaryFolder()
            for name in try Folder(stopped).names() { try Folder(parts).link(stopped.appending(name), as: name) }
            let path = parts.appending(Self.positionName)
            if let bytes {
                try DurableFile.write(bytes, to: path)
            } else {
                try FileManager.default.removeItem(atPath: path.string)
            }
            #expect(try generate(into: parts).made == all, "the slow way")
            #expect(try contents(of: whole) == contents(of: parts))
        }
        // Killed between the position of a shard and the shard itself, which is still partial then.
        let killed = try temporaryFolder()
        for name in try Folder(stopped).names() { try Folder(killed).link(stopped.appending(name), as: name) }
        try FileManager.default.removeItem(atPath: killed.appending(try shardNames(in: killed)[1]).string)
        #expect(try generate(into: killed).made == all - 256)
        #expect(try contents(of: whole) == contents(of: killed))
        // A whole position of another corpus, or of other shards.
        #expect(try generate(into: stopped, corpus: "that", stoppingAfter: 3).made > 2 * 256)
        let gap = try temporaryFolder()
        for name in try Folder(whole).names() {
            try Folder(gap).link(whole.appending(name), as: name)
        }
        try FileManager.default.removeItem(atPath: gap.appending(try shardNames(in: gap)[1]).string)
        #expect(try generate(into: gap).made == all)
        #expect(try contents(of: whole) == contents(of: gap))
    }
}
