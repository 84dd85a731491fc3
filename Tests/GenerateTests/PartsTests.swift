import Dispatch
import Fixtures
import Format
import Generate
import Seeds
import Storage
import Synchronization
import SystemPackage
import Testing

/// Parts of a data set, made in whatever order and whoever makes them, are the data set that one run makes.
@Suite struct PartsTests {
    private let corpus: IdsCorpus

    init() throws {
        corpus = try IdsCorpus()
    }

    private func parts(_ count: Int) -> [DatasetPart] { (0..<count).compactMap { DatasetPart($0, of: count) } }

    /// Writes the file that `generate` leaves in the folder before it begins with a part.
    private func divide(_ folder: FilePath, into parts: Int, passes: Int) throws {
        try PartDivision(
            parts: parts, passes: passes,
            sequencesOfShard: ShardGenerator.sequencesOfShard(corpus.generator.header())
        ).write(to: folder)
    }

    @Test(arguments: [1, 2, 3, 7]) func makeTheSameDataSetInAnyOrder(count: Int) throws {
        let (whole, folder) = (try temporaryFolder(), try temporaryFolder())
        let undisturbed = try corpus.generate(into: whole, passes: 3).summary
        try divide(folder, into: count, passes: 3)
        var random = SeededGenerator(seed: drawnSeed())
        var tokens = 0
        for part in parts(count).shuffled(using: &random) {
            // Some are stopped in the middle of a shard, and go on.
            if Bool.random(using: &random) {
                _ = try corpus.generate(
                    into: folder, part: part, passes: 3, tokens: Int.random(in: 1..<3000, using: &random))
            }
            let summary = try #require(try corpus.generate(into: folder, part: part, passes: 3).summary)
            tokens += Int(summary.counts.tokens)
            #expect(try corpus.generate(into: folder, part: part, passes: 3).summary?.newTokens == 0)
        }
        #expect(UInt64(tokens) == undisturbed?.counts.tokens, "no shard is of two parts")
        let closed = try #require(try corpus.generate(into: folder, passes: 3).summary)
        #expect(closed.newTokens == 0 && closed.counts == undisturbed?.counts)
        #expect(try IdsCorpus.contents(of: folder) == IdsCorpus.contents(of: whole))
        #expect(ShardVerifier.verify(dataset: folder).isSound)
    }

    @Test func mayBeMadeAtTheSameTime() throws {
        let (whole, folder) = (try temporaryFolder(), try temporaryFolder())
        _ = try corpus.generate(into: whole, passes: 2)
        try divide(folder, into: 4, passes: 2)
        let failures = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 4) { index in
            do {
                let result = try corpus.generate(into: folder, part: DatasetPart(index, of: 4), passes: 2, threads: 1)
                if result.summary == nil { failures.withLock { $0.append("part \(index) was stopped") } }
            } catch {
                failures.withLock { $0.append("\(error)") }
            }
        }
        #expect(failures.withLock { $0 } == [])
        _ = try corpus.generate(into: folder, passes: 2)
        #expect(try IdsCorpus.contents(of: folder) == IdsCorpus.contents(of: whole))
    }

    @Test func tokenizeOnlyWhatIsTheirOwnWhereTheIndexIsThere() throws {
        let folder = try temporaryFolder()
        let all = try corpus.generate(into: folder).made
        let shards = try IdsCorpus.shardNames(in: folder)
        for name in shards { try Folder(folder).removeFile(name) }
        let made = try parts(shards.count).map { try corpus.generate(into: folder, part: $0).made }
        // Each is one sequence ahead, to know whether its shard is the last.
        #expect(made.allSatisfy { $0 <= 257 })
        #expect(made.reduce(0, +) <= all + shards.count)
    }

    @Test func closingFillsTheHoles() throws {
        let (whole, folder) = (try temporaryFolder(), try temporaryFolder())
        _ = try corpus.generate(into: whole)
        try divide(folder, into: 3, passes: 1)
        _ = try corpus.generate(into: folder, part: DatasetPart(1, of: 3))
        _ = try corpus.generate(into: folder)
        #expect(try IdsCorpus.contents(of: folder) == IdsCorpus.contents(of: whole))
    }

    /// A shard that a process on another machine is writing, or was when it died.
    @Test func aClaimOfAnotherHostIsRespected() throws {
        let folder = try temporaryFolder()
        var header = corpus.generator.header()
        header.firstSequence = 256
        let claim = folder.appending(header.fileName + FileClaim.ending)
        try DurableFile.write(#"{"host":"node-17","process":12}"#, to: claim)
        _ = try corpus.generate(into: folder, part: DatasetPart(0, of: 2))
        let refusal = #expect(throws: FolderInUse.self) {
            try corpus.generate(into: folder, part: DatasetPart(1, of: 2))
        }
        #expect(refusal?.problem == "process 12 on host node-17 is working in this folder")
        #expect(refusal?.remedy.contains("If that process is dead, remove \(claim)") == true)
    }

    /// The shards of the first pass alone are those of a complete data set of one pass.
    @Test func aRunThatStoppedBetweenTwoPassesIsUnfinished() throws {
        let folder = try temporaryFolder()
        try divide(folder, into: 1, passes: 3)
        let shards = try corpus.generate(into: temporaryFolder()).summary?.shards ?? 0
        _ = try corpus.generate(into: folder, passes: 3, stoppingAfter: shards)
        for name in try IdsCorpus.shardNames(in: folder) where !name.hasPrefix("pass-00000") {
            try Folder(folder).removeFile(name)
        }
        let dataset = try Dataset(folder)
        #expect(dataset.missing?.words == "the data set lacks \(2 * shards) shards")
        let fault = ShardVerifier.verify(dataset: folder).faults.first?.error
        #expect(fault?.remedy == "Run the `generate` command that began it again: it continues")
        _ = try corpus.generate(into: folder, passes: 3)
        #expect(try Dataset(folder).missing == nil)
    }

    /// Each part's share, counted one by one. The second counts are those that a forged file may ask for.
    @Test func theSharesOfPartsAreThoseOfTheShards() throws {
        for (shards, passes, parts) in [(1, 1, 1), (3, 2, 5), (7, 4, 3), (5, 9, 4), (8, 3, 8), (2, 65, 64)] {
            let division = PartDivision(parts: parts, passes: passes, sequencesOfShard: 1)
            let missing = MissingShards(Manifest(header: corpus.generator.header(), shards: []), division)
            #expect(missing.shardsOfPart.isEmpty && !missing.isEndKnown, "no shard tells how long the text is")
            var counts = [Int](repeating: 0, count: parts)
            for pass in 0..<passes {
                for number in 0..<shards {
                    let part = self.parts(parts).first { $0.has(shard: number, ofPass: pass) }
                    counts[try #require(part).index] += 1
                }
            }
            #expect(DatasetPart.shardCounts(shards: shards, passes: passes, parts: parts) == counts)
        }
        let forged = DatasetPart.shardCounts(shards: 1 << 20, passes: 65536, parts: 1)
        #expect(forged == [1 << 36])
    }

    @Test func whatIsMissingIsTold() throws {
        let folder = try temporaryFolder()
        try divide(folder, into: 3, passes: 1)
        _ = try corpus.generate(into: folder, part: DatasetPart(0, of: 3))
        #expect(throws: ShardError.self) { try Dataset(folder) }
        let faults = ShardVerifier.verify(dataset: folder).faults
        #expect(faults.map(\.error.kind) == [.coverageGap])
        #expect(
            faults.first?.error.problem
                == "part 1/3 lacks 1 shard, part 2/3 lacks 1 shard")
        _ = try corpus.generate(into: folder, part: DatasetPart(1, of: 3))
        #expect(
            ShardVerifier.verify(dataset: folder).faults.map(\.error.problem) == ["part 2/3 lacks 1 shard"])
        try Folder(folder).removeFile(#require(try IdsCorpus.shardNames(in: folder).last))
        let prefix = try Dataset(folder)
        #expect(!prefix.isComplete)
        #expect(prefix.missing?.words == "the shard that ends the text is not there yet")
    }
}
