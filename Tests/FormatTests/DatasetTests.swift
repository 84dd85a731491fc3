import Format
import Seeds
import Storage
import SystemPackage
import Testing

@Suite struct DatasetTests {
    let folder: TemporaryFolder
    let header = sampleHeader(vocabularySize: 600, candidates: 4, visits: 2, blockSize: 4, maximumLength: 16)

    init() throws { folder = try TemporaryFolder() }

    /// Writes a shard of `sequences` sequences and returns its entry and its blocks.
    @discardableResult private func write(
        _ sequences: Int, pass: Int = 0, first: UInt64, ends: Bool, change: (inout ShardHeader) -> Void = { _ in }
    ) throws -> (entry: Manifest.Entry, blocks: [SequenceBlock]) {
        var header = header
        header.pass = pass
        header.firstSequence = first
        change(&header)
        var random = SplitMix(seed: first &* 31 &+ UInt64(pass))
        var writer = try ShardWriter(folder.file(header.fileName), header: header)
        let blocks = stride(from: 0, to: sequences, by: 4).map {
            sampleBlock(header, sequences: min(4, sequences - $0), first: first + UInt64($0), using: &random)
        }
        for block in blocks { try writer.append(BlockEncoder().encode(block)) }
        return (try writer.commit(endingPass: ends), blocks)
    }

    /// Two passes over ten sequences, in shards of six and four.
    private func writeTwoPasses() throws -> (entries: [Manifest.Entry], blocks: [SequenceBlock]) {
        var entries: [Manifest.Entry] = []
        var blocks: [SequenceBlock] = []
        for pass in 0..<2 {
            for (first, count) in [(0, 6), (6, 4)] as [(UInt64, Int)] {
                let shard = try write(count, pass: pass, first: first, ends: first == 6)
                entries.append(shard.entry)
                blocks += shard.blocks
            }
        }
        return (entries, blocks)
    }

    private func expectFault(
        _ kind: ShardError.Kind, naming words: [String] = [], sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let error = #expect(throws: ShardError.self, sourceLocation: sourceLocation) { try Dataset(folder.path) }
        #expect(error?.kind == kind, "\(error.map { "\($0)" } ?? "")", sourceLocation: sourceLocation)
        for word in words {
            #expect(error?.problem.contains(word) == true, "\(error?.problem ?? "")", sourceLocation: sourceLocation)
        }
    }

    @Test func numbersEntriesPassAfterPass() throws {
        let (entries, blocks) = try writeTwoPasses()
        try Manifest(header: header, shards: entries.reversed()).write(to: folder.path)
        let dataset = try Dataset(folder.path)
        #expect(dataset.manifestFault == nil)
        #expect(dataset.manifest.shards == entries)
        #expect(dataset.header == header)
        #expect((dataset.passCount, dataset.sequenceCount, dataset.entryCount) == (2, 10, 20))
        #expect(dataset.isComplete)
        #expect(dataset.blockCount == blocks.count)
        var next: UInt64 = 0
        for (index, block) in blocks.enumerated() {
            let place = dataset.place(ofBlock: index)
            #expect(place.entries == next..<(next + UInt64(block.sequenceCount)))
            #expect(try dataset.block(at: place) == block)
            for row in 0..<block.sequenceCount {
                let found = dataset.place(ofEntry: next)
                #expect(found.block == place && found.row == row)
                next += 1
            }
        }
        #expect(next == 20)
        #expect(dataset.counts.tokens == UInt64(blocks.reduce(0) { $0 + $1.tokenCount }))
    }

    @Test func rebuildsAMissingOrStaleManifest() throws {
        let (entries, _) = try writeTwoPasses()
        var dataset = try Dataset(folder.path)
        #expect(dataset.manifestFault?.kind == .inputOutput)
        #expect(dataset.manifest.shards == entries)

        try dataset.manifest.write(to: folder.path)
        #expect(try Dataset(folder.path).manifestFault == nil)

        try Manifest(header: header, shards: Array(entries.dropLast())).write(to: folder.path)
        dataset = try Dataset(folder.path)
        #expect(dataset.manifestFault?.kind == .manifestStale)
        #expect(dataset.manifestFault?.problem.contains(entries[3].name) == true)
        #expect(dataset.manifest.shards == entries)

        var wrong = entries
        wrong[1].byteCount += 1
        try Manifest(header: header, shards: wrong).write(to: folder.path)
        #expect(try Dataset(folder.path).manifestFault?.kind == .manifestStale)

        // Counts that no file of that size can hold are not believed: much would be allocated by them.
        for counts in [Counts(sequences: 1 << 47), Counts(sequences: 1, tokens: 1 << 63), Counts(maskedPositions: 1)] {
            wrong = entries
            wrong[1].counts = counts
            try Manifest(header: header, shards: wrong).write(to: folder.path)
            dataset = try Dataset(folder.path)
            #expect(dataset.manifestFault?.kind == .manifestMalformed)
            #expect(dataset.manifest.shards == entries)
        }

        try DurableFile.write("{\"version\": 1, ", to: folder.file(Manifest.fileName))
        dataset = try Dataset(folder.path)
        #expect(dataset.manifestFault?.kind == .manifestMalformed)
        #expect(dataset.manifest.shards == entries)
    }

    @Test func refusesAShardThatIsNotTheOneListed() throws {
        var (entries, _) = try writeTwoPasses()
        entries[2].checksum ^= 1
        try Manifest(header: header, shards: entries).write(to: folder.path)
        let dataset = try Dataset(folder.path)
        let error = #expect(throws: ShardError.self) {
            try dataset.block(at: dataset.place(ofEntry: 10).block)
        }
        #expect(error?.kind == .manifestStale)
    }

    @Test(arguments: [
        ("vocabularySize", "600", "601"), ("vocabularySHA256", "a1a1", "c3c3"), ("generatorSHA256", "b2b2", "c3c3"),
        ("specialTokens", "mask 3", "mask 4"), ("maximumLength", "16", "17"), ("maskProbability", "0.15", "0.2"),
        ("seed", "7", "8"), ("mostCandidates", "4", "5"), ("leastCandidates", "1", "2"), ("visitCount", "2", "3"),
        ("neverDrawn", "[]", "[0-3]"), ("sources", "de", "fr"), ("changeParts", "2048", "4096"),
        ("deviation", "0.002", "0.001"), ("temperatureRange", "1.0:2.0", "1.0:3.0"),
        ("blockSize", "4", "5"),
    ]) func refusesShardsThatDoNotBelongTogether(_ field: String, _ one: String, _ other: String) throws {
        try write(4, first: 0, ends: false)
        try write(4, first: 4, ends: true) { header in
            switch field {
            case "vocabularySize": header.vocabularySize = 601
            case "vocabularySHA256": header.vocabularySHA256 = String(repeating: "c3", count: 32)
            case "generatorSHA256": header.generatorSHA256 = String(repeating: "c3", count: 32)
            case "specialTokens": header.specialTokens.mask = 4
            case "maximumLength": header.maximumLength = 17
            case "maskProbability": header.maskProbability = 0.2
            case "seed": header.seed = 8
            case "mostCandidates": header.mostCandidates = 5
            case "leastCandidates": header.leastCandidates = 2
            case "visitCount": header.visitCount = 3
            case "neverDrawn": header.neverDrawn = [TokenRange(0...3)]
            case "sources": header.sources[1] = "fr"
            case "changeParts": header.changeParts = 4096
            case "deviation": header.deviation = 0.001
            case "temperatureRange":
                header.temperatureRange.maximum = 3
                header.tailNodes[4] = 3
            default: header.blockSize = 5
            }
        }
        expectFault(.mixedShards, naming: [field, one, other])
    }

    @Test func refusesMissingAndDoubledSequences() throws {
        expectFault(.noShards)
        try write(6, first: 0, ends: false)
        try write(4, first: 8, ends: true)
        expectFault(.coverageGap, naming: ["8", "6"])
        try Folder(folder.path).remove("pass-00000-sequence-000000000000008.shard")
        try write(4, first: 4, ends: true)
        expectFault(.coverageOverlap, naming: ["sequence 4", "pass-00000-sequence-000000000000000.shard"])
        try Folder(folder.path).remove("pass-00000-sequence-000000000000004.shard")
        #expect(try !Dataset(folder.path).isComplete)
        try write(6, pass: 1, first: 0, ends: true)
        expectFault(.coverageGap, naming: ["pass 1"])
        try write(6, first: 0, ends: true)
        #expect(try Dataset(folder.path).isComplete)
        try write(5, pass: 1, first: 0, ends: true)
        expectFault(.coverageGap, naming: ["5", "6"])
        try write(6, pass: 1, first: 0, ends: false)
        expectFault(.coverageGap, naming: ["pass 1 has at least 6", "does not end"])
        try write(5, pass: 1, first: 0, ends: false)
        let dataset = try Dataset(folder.path)
        #expect(!dataset.isComplete)
        #expect((dataset.entryCount, dataset.sequenceCount, dataset.passCount) == (11, 6, 2))
        try write(6, pass: 3, first: 0, ends: true)
        expectFault(.coverageGap)
    }

    /// A copy is blamed, however it sorts, and not the shard that it was made of.
    @Test(arguments: ["pass-00000-sequence-000000000000006 (copy).shard", "z.shard"])
    func namesTheCopyOfAShard(copy: String) throws {
        try write(6, first: 0, ends: false)
        try write(4, first: 6, ends: true)
        let name = "pass-00000-sequence-000000000000006.shard"
        try DurableFile.write(
            RandomAccessFile.contents(of: folder.path.appending(name)), to: folder.path.appending(copy))
        expectFault(.coverageOverlap, naming: [name, "sequence 6"])
        let error = #expect(throws: ShardError.self) { try Dataset(folder.path) }
        #expect(error?.location?.file == folder.path.appending(copy).string)
        #expect(error?.remedy.hasPrefix("Remove this copy") == true)
    }

    @Test func keepsFewFilesOpen() throws {
        for first in 0..<80 as Range<UInt64> { try write(1, first: first, ends: first == 79) { $0.blockSize = 1 } }
        let dataset = try Dataset(folder.path)
        var random = SplitMix(seed: drawnSeed())
        for entry in (0..<80).shuffled(using: &random) + (0..<80) {
            #expect(try dataset.block(at: dataset.place(ofEntry: UInt64(entry)).block).sequenceCount == 1)
        }
        #expect(folder.openFileCount <= 64)
    }
}

extension Folder {
    fileprivate func remove(_ name: String) throws {
        #expect(unlinkFile(path.appending(name)))
    }
}
