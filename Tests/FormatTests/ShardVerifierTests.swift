import Format
import Storage
import SystemPackage
import Testing

@Suite struct ShardVerifierTests {
    let folder: TemporaryFolder
    let header = sampleHeader(
        vocabularySize: 30522, candidates: 3, leastCandidates: 3, visits: 2, blockSize: 4, maximumLength: 16)

    init() throws {
        folder = try TemporaryFolder()
        var entries: [Manifest.Entry] = []
        for first in [0, 12, 24] as [UInt64] {
            var header = header
            header.firstSequence = first
            var random = SplitMix(seed: first)
            var writer = try ShardWriter(folder.file(header.fileName), header: header)
            for _ in 0..<3 {
                try writer.append(BlockEncoder().encode(sampleBlock(header, sequences: 4, using: &random)))
            }
            entries.append(try writer.commit(endingPass: first == 24))
        }
        try Manifest(header: header, shards: entries).write(to: folder.path)
    }

    private func path(_ first: UInt64) -> FilePath {
        var header = header
        header.firstSequence = first
        return folder.file(header.fileName)
    }

    private func change(_ path: FilePath, _ change: (inout [UInt8]) throws -> Void) throws {
        var bytes = try RandomAccessFile.contents(of: path)
        try change(&bytes)
        try DurableFile.write(bytes, to: path)
    }

    private func offsets(of path: FilePath) throws -> [Int] {
        let forge = try ShardForge(RandomAccessFile.contents(of: path))
        var offsets = [28 + forge.json.utf8.count]
        let bytes = try RandomAccessFile.contents(of: path)
        let seekTable = bytes.count - 17 - 12 * (forge.contents.count + 2)
        for block in forge.contents.indices {
            let at = seekTable + 8 + 12 * (block + 1)
            offsets.append(offsets[block] + Int(bytes[at]) + Int(bytes[at + 1]) << 8)
        }
        return offsets
    }

    @Test func findsNothingInASoundDataset() throws {
        var progress: [ShardVerifier.Progress] = []
        let report = ShardVerifier.verify(dataset: folder.path) { progress.append($0) }
        #expect(report.faults == [])
        #expect((report.shards, report.blocks, report.counts.sequences) == (3, 9, 36))
        #expect(report.counts == (try Dataset(folder.path).counts))
        #expect(progress.count == 9)
        #expect(progress.map(\.bytesDone) == progress.map(\.bytesDone).sorted())
        #expect(progress.last?.bytesInAll == report.bytes)
    }

    @Test func findsEveryFault() throws {
        let first = try offsets(of: path(0))
        try change(path(0)) { bytes in
            bytes[first[0] + 20] ^= 1
            bytes[first[2] + 20] ^= 1
        }
        let second = try offsets(of: path(12))
        try change(path(12)) { bytes in
            bytes[40] ^= 1
            bytes[second[1] + 20] ^= 1
        }
        let report = ShardVerifier.verify(dataset: folder.path)
        #expect(
            report.faults.map(\.error.kind) == [
                .blockCorrupt, .blockCorrupt, .checksumMismatch, .blockCorrupt, .coverageGap, .manifestStale,
            ])
        #expect(report.faults.map(\.block) == [0, 2, nil, nil, nil, nil])
        #expect(
            report.faults.prefix(4).map(\.error.location?.spot) == [
                .byte(UInt64(first[0])), .byte(UInt64(first[2])), .byte(UInt64(second[0] - 4)),
                .byte(UInt64(second[1])),
            ])
        #expect(report.faults.allSatisfy { !$0.error.remedy.isEmpty && $0.error.location != nil })
    }

    @Test func findsWhatAReaderDoesNotLookFor() throws {
        var forge = try ShardForge(RandomAccessFile.contents(of: path(0)))
        let (offset, count) = try forge.column("headIDs", ofBlock: 1, header: header)
        let masked = count / 3
        // The second of the head's tokens becomes the first, at the block's first masked position.
        for plane in 0..<2 {
            forge.contents[1][offset + plane * count + masked] = forge.contents[1][offset + plane * count]
        }
        // The first race of another is won by the first of its head.
        let (winners, winnerCount) = try forge.column("winners", ofBlock: 1, header: header)
        let block = try ShardReader(path(0)).block(at: 1)
        let raced = try #require((1..<masked).first { !block.raceRange(ofMasked: $0).isEmpty })
        let race = block.winnerRange(ofRace: block.raceRange(ofMasked: raced).lowerBound).lowerBound
        for plane in 0..<2 {
            forge.contents[1][winners + plane * winnerCount + race] = forge.contents[1][offset + plane * count + raced]
        }
        try DurableFile.write(forge.assemble(), to: path(0))
        let report = ShardVerifier.verify(shard: path(0))
        #expect(report.faults.map(\.error.kind) == [.headNotDistinct, .winnerNotInTail])
        #expect(report.faults.map(\.block) == [1, 1])
    }

    /// A fault every nine bytes: the list of them stays small, and all are counted.
    @Test func listsOnlySoMany() throws {
        let frame = bytes(0xFD2F_B528) + [0, 0, 1, 0, 0]
        try folder.write((0..<5000).flatMap { _ in frame }, as: "damaged.shard")
        let report = ShardVerifier.verify(shard: folder.file("damaged.shard"))
        #expect(report.faults.count == ShardVerifier.Report.faultLimit)
        #expect(report.unlistedFaultCount == 5001 - ShardVerifier.Report.faultLimit)
        #expect(Set(report.faults.dropFirst().map(\.error.kind)) == [.blockCorrupt])
    }

    /// One fault for all contradictions of a kind in a block.
    @Test func countsContradictions() throws {
        var forge = try ShardForge(RandomAccessFile.contents(of: path(0)))
        let (offset, count) = try forge.column("headIDs", ofBlock: 1, header: header)
        // All candidates of the positions whose original is none of them become one token.
        let block = try ShardReader(path(0)).block(at: 1)
        let positions = block.originalRanks.indices.filter { block.originalRanks[$0] < 0 }
        for position in positions {
            for rank in 1..<3 {
                for plane in [offset, offset + count] {
                    forge.contents[1][plane + rank * count / 3 + position] = forge.contents[1][plane + position]
                }
            }
        }
        try DurableFile.write(forge.assemble(), to: path(0))
        let report = ShardVerifier.verify(shard: path(0))
        #expect(report.faults.map(\.error.kind) == [.headNotDistinct])
        #expect(report.faults.first?.error.problem.contains("the first of \(2 * positions.count) such faults") == true)
    }

    @Test func comparesManifestAndShards() throws {
        #expect(unlinkFile(folder.file(Manifest.fileName)))
        let missing = ShardVerifier.verify(dataset: folder.path)
        #expect(missing.faults.map(\.error.kind) == [.manifestMissing])
        #expect(
            missing.faults.allSatisfy {
                !$0.description.contains("Remove") && $0.description.contains("Write it anew")
            },
            "what is not there cannot be removed")
        var manifest = try Manifest(scanning: folder.path)
        manifest.shards[0].checksum ^= 1
        manifest.shards.removeLast()
        manifest.header.seed += 1
        try manifest.write(to: folder.path)
        let report = ShardVerifier.verify(dataset: folder.path)
        #expect(report.faults.map(\.error.kind) == [.manifestStale, .manifestStale, .manifestStale])
        #expect(report.faults[0].error.problem.contains("seed is 8"))
    }

    /// A manifest made anew lists the shards that are left, so only the pass itself tells that it has no end.
    @Test func missesTheEndOfAPass() throws {
        #expect(unlinkFile(path(24)))
        let listed = ShardVerifier.verify(dataset: folder.path).faults.map(\.error)
        #expect(listed.map(\.kind) == [.coverageGap, .manifestStale])
        #expect(listed.allSatisfy { !$0.remedy.contains("anew") }, "it would hide the loss")
        try Manifest(scanning: folder.path).write(to: folder.path)
        #expect(ShardVerifier.verify(dataset: folder.path).faults.map(\.error.kind) == [.coverageGap])
    }

    @Test func saysWhatCannotBeRead() throws {
        #expect(ShardVerifier.verify(shard: folder.file("none")).faults.map(\.error.kind) == [.inputOutput])
        #expect(ShardVerifier.verify(dataset: folder.file("none")).faults.map(\.error.kind) == [.inputOutput])
        let empty = try TemporaryFolder()
        #expect(ShardVerifier.verify(dataset: empty.path).faults.map(\.error.kind) == [.noShards])
        try DurableFile.write(Array("not a shard at all, just some text".utf8), to: empty.file("x.shard"))
        #expect(
            ShardVerifier.verify(dataset: empty.path).faults.map(\.error.kind) == [.notAShard, .blockCorrupt])
    }
}
