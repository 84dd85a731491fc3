import Corpus
import Fixtures
import Foundation
import Generate
import Storage
import SystemPackage
import Testing

/// An interrupted run reads its text on where its shards end.
@Suite struct TextPositionsTests {
    private let corpus: IdsCorpus

    init() throws {
        corpus = try IdsCorpus()
    }

    private func generate(
        into shards: FilePath, corpus name: String = "this", passes: Int = 1, stoppingAfter count: Int = .max
    ) throws -> (made: Int, summary: GenerationSummary?) {
        try corpus.generate(into: shards, corpus: name, passes: passes, stoppingAfter: count)
    }

    /// The files that say where shards begin.
    private func positions(in shards: FilePath) throws -> [FilePath] {
        let folder = shards.appending("text-positions")
        return try Folder(folder).names().map { folder.appending($0) }
    }

    @Test(arguments: [1, 2, 3]) func tokenizesNothingAgain(shards: Int) throws {
        let (whole, parts) = (try temporaryFolder(), try temporaryFolder())
        let undisturbed = try generate(into: whole, passes: 2)
        let sequences = undisturbed.made / 2
        #expect(sequences > 3 * 256)
        #expect(try generate(into: parts, passes: 2, stoppingAfter: shards).summary == nil)
        let continued = try generate(into: parts, passes: 2)
        #expect(continued.made == undisturbed.made - 256 * shards)
        #expect(try IdsCorpus.contents(of: whole) == IdsCorpus.contents(of: parts))
        #expect(try positions(in: whole).count == 4)
        let counts = try #require(continued.summary?.text)
        #expect(counts == undisturbed.summary?.text)
        #expect(counts.tokens == (0..<3000).reduce(0) { $0 + 1 + $1 * $1 % 11 })
        #expect(try generate(into: parts, passes: 2).summary?.text == counts)
    }

    /// Whatever is wrong with the positions, the shards come out the same.
    @Test func trustsNoDamagedPosition() throws {
        let (whole, stopped) = (try temporaryFolder(), try temporaryFolder())
        let all = try generate(into: whole).made
        _ = try generate(into: stopped, stoppingAfter: 2)
        let last = try #require(try positions(in: stopped).last)
        let saved = try RandomAccessFile.contents(of: last)
        var damaged: [[UInt8]?] = [nil, [], Array(saved.dropLast(3)), saved + saved, Array("{}\n0\n".utf8)]
        for place in stride(from: 3, to: saved.count, by: saved.count / 8) {
            var bytes = saved
            bytes[place] ^= 1
            damaged.append(bytes)
        }
        for bytes in damaged {
            let parts = try temporaryFolder()
            try IdsCorpus.copy(stopped, to: parts)
            for path in try positions(in: parts) {
                if let bytes {
                    try DurableFile.write(bytes, to: path)
                } else {
                    try FileManager.default.removeItem(atPath: path.string)
                }
            }
            #expect(try generate(into: parts).made == all, "the slow way")
            #expect(
                try IdsCorpus.contents(of: whole).filter { $0.key.hasSuffix(".shard") }
                    == IdsCorpus.contents(of: parts).filter { $0.key.hasSuffix(".shard") })
        }
        // One damaged position costs the way from the one before.
        let late = try temporaryFolder()
        try IdsCorpus.copy(stopped, to: late)
        try DurableFile.write([], to: try #require(try positions(in: late).last))
        #expect(try generate(into: late).made == all - 256)
        // Killed between the position of a shard and the shard itself, which is still partial then.
        let killed = try temporaryFolder()
        try IdsCorpus.copy(stopped, to: killed)
        try FileManager.default.removeItem(
            atPath: killed.appending(try IdsCorpus.shardNames(in: killed)[1]).string)
        #expect(try generate(into: killed).made == all - 256)
        #expect(try IdsCorpus.contents(of: whole) == IdsCorpus.contents(of: killed))
        // Whole positions of another corpus.
        #expect(try generate(into: stopped, corpus: "that", stoppingAfter: 3).made > 2 * 256)
    }

    /// The text before a lost shard and behind it is not tokenized.
    @Test func readsNothingButTheGap() throws {
        let (whole, gap) = (try temporaryFolder(), try temporaryFolder())
        _ = try generate(into: whole)
        try IdsCorpus.copy(whole, to: gap)
        try FileManager.default.removeItem(atPath: gap.appending(try IdsCorpus.shardNames(in: gap)[1]).string)
        #expect(try generate(into: gap).made == 257)
        #expect(try IdsCorpus.contents(of: whole) == IdsCorpus.contents(of: gap))
    }
}
