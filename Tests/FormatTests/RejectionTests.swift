import Format
import Storage
import SystemPackage
import Testing

/// One shard for each way to be wrong.
@Suite struct RejectionTests {
    let folder: TemporaryFolder
    let header = sampleHeader(vocabularySize: 600, candidates: 4, visits: 2, blockSize: 4, maximumLength: 16)
    let shard: [UInt8]

    init() throws {
        folder = try TemporaryFolder()
        var random = SplitMix(seed: 5)
        let path = folder.file("valid.shard")
        var writer = try ShardWriter(path, header: header)
        for sequences in [4, 3] {
            try writer.append(BlockEncoder().encode(sampleBlock(header, sequences: sequences, using: &random)))
        }
        try writer.commit(endingPass: false)
        shard = try RandomAccessFile.contents(of: path)
    }

    /// Opens `bytes` as a shard and reads all its blocks.
    private func read(_ bytes: [UInt8]) throws -> [SequenceBlock] {
        let path = folder.file("tested.shard")
        try folder.write(bytes, as: "tested.shard")
        let reader = try ShardReader(path)
        return try (0..<reader.blockCount).map { try reader.block(at: $0) }
    }

    private func expect(
        _ kind: ShardError.Kind, _ bytes: [UInt8], at offset: UInt64? = nil, naming words: [String] = [],
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let error = #expect(throws: ShardError.self, sourceLocation: sourceLocation) { try read(bytes) }
        #expect(error?.kind == kind, "\(error.map { "\($0)" } ?? "")", sourceLocation: sourceLocation)
        #expect(error?.location?.file.hasSuffix("tested.shard") == true, sourceLocation: sourceLocation)
        if let offset { #expect(error?.location?.spot == .byte(offset), sourceLocation: sourceLocation) }
        for word in words {
            #expect(error?.problem.contains(word) == true, "\(error?.problem ?? "")", sourceLocation: sourceLocation)
        }
        #expect(error?.remedy.isEmpty == false, sourceLocation: sourceLocation)
    }

    private func forged(_ change: (inout ShardForge) throws -> Void) throws -> [UInt8] {
        var forge = try ShardForge(shard)
        try change(&forge)
        return forge.assemble()
    }

    /// Replaces one element of a two-byte column of the first block.
    private func forged(_ column: String, element: Int, _ value: UInt16) throws -> [UInt8] {
        try forged { forge in
            let (offset, count) = try forge.column(column, ofBlock: 0, header: header)
            try #require(element < count)
            forge.contents[0][offset + element] = UInt8(value & 255)
            forge.contents[0][offset + count + element] = UInt8(value >> 8)
        }
    }

    @Test func aForgeWithoutAChangeIsRead() throws {
        #expect(try read(forged { _ in }) == read(shard))
    }

    @Test func missingFile() {
        let error = #expect(throws: ShardError.self) { try ShardReader(folder.file("none")) }
        #expect(error?.kind == .inputOutput)
        #expect(error?.blame == .environment)
    }

    @Test func notAShard() {
        expect(.notAShard, [], at: 0)
        expect(.notAShard, Array("this is a text, and not a short one".utf8), at: 0)
        expect(.notAShard, [UInt8](repeating: 0, count: 1000), at: 0)
    }

    @Test func unsupportedVersion() throws {
        expect(.unsupportedVersion, try forged { $0.version = 0x2_0001 }, at: 16, naming: ["2.1", "1.0"])
    }

    @Test func truncated() {
        expect(.truncated, Array(shard.dropLast()))
        expect(.truncated, Array(shard.prefix(20)))
        expect(.truncated, Array(shard.prefix(300)))
        expect(.truncated, shard + [0])
    }

    @Test func headerMalformed() throws {
        expect(.headerMalformed, try forged { $0.json = "{}" }, at: 24)
        expect(.headerMalformed, try forged { $0.json.removeLast() }, at: 24)
        expect(.headerMalformed, try forged { $0.json = $0.json.replacing(":600", with: ":\"many\"") }, at: 24)
        var bytes = shard
        bytes[20] ^= 1
        expect(.headerMalformed, bytes, at: 4)
    }

    @Test(arguments: [
        ("\"vocabularySize\":600", "\"vocabularySize\":0", "vocabularySize"),
        ("\"vocabularySize\":600", "\"vocabularySize\":9223372036854775807", "vocabularySize"),
        ("\"vocabularySize\":600", "\"vocabularySize\":3", "mask"),
        ("\"mostCandidates\":4", "\"mostCandidates\":601", "mostCandidates"),
        ("\"mostCandidates\":4", "\"mostCandidates\":0", "mostCandidates"),
        ("\"leastCandidates\":1", "\"leastCandidates\":5", "mostCandidates"),
        ("\"leastCandidates\":1", "\"leastCandidates\":0", "leastCandidates"),
        ("\"leastCandidates\":1,\"m", "\"leastCandidates\":601,\"m", "leastCandidates"),
        ("\"visitCount\":2", "\"visitCount\":0", "visitCount"),
        ("\"visitCount\":2", "\"visitCount\":257", "visitCount"),
        ("\"changeParts\":2048", "\"changeParts\":0", "changeParts"),
        ("\"changeParts\":2048", "\"changeParts\":65536", "changeParts"),
        ("\"deviation\":0.002", "\"deviation\":1.5", "deviation"),
        ("\"deviation\":0.002", "\"deviation\":-0.1", "deviation"),
        ("\"neverDrawn\":[]", "\"neverDrawn\":[[0,600]]", "neverDrawn"),
        ("\"neverDrawn\":[]", "\"neverDrawn\":[[3,2]]", "neverDrawn"),
        ("\"neverDrawn\":[]", "\"neverDrawn\":[[0,3],[3,4]]", "neverDrawn"),
        ("\"neverDrawn\":[]", "\"neverDrawn\":[[-1,4]]", "neverDrawn"),
        ("[\"en\",\"de\"]", "[\"en\",\"en\"]", "sources"),
        ("[\"en\",\"de\"]", "[]", "sources"),
        ("\"maximumLength\":16", "\"maximumLength\":65536", "maximumLength"),
        ("\"maskProbability\":0.15", "\"maskProbability\":0", "maskProbability"),
        ("\"maskProbability\":0.15", "\"maskProbability\":1.5", "maskProbability"),
        ("\"blockSize\":4", "\"blockSize\":0", "blockSize"),
        ("\"pass\":0", "\"pass\":65536", "pass"),
        ("\"firstSequence\":0", "\"firstSequence\":281474976710656", "firstSequence"),
        ("\"maximum\":2", "\"maximum\":0.5", "temperatureRange"),
        ("\"maximum\":2", "\"maximum\":1e300", "temperatureRange"),
        ("\"maximum\":2", "\"maximum\":3", "tailNodes"),
        ("[1,1.125,", "[1,1,1.125,", "tailNodes"),
        ("a1a1", "A1A1", "vocabularySHA256"),
    ]) func headerOutOfRange(_ old: String, _ new: String, _ field: String) throws {
        let bytes = try forged { forge in
            try #require(forge.json.contains(old))
            forge.json = forge.json.replacing(old, with: new)
        }
        expect(.headerOutOfRange, bytes, at: 24, naming: [field])
    }

    @Test func checksumMismatch() {
        for offset in [30, shard.count - 100] {
            var bytes = shard
            bytes[offset] ^= 4
            expect(.checksumMismatch, bytes)
        }
    }

    @Test func indexMismatch() throws {
        expect(.indexMismatch, try forged { $0.flags = 2 }, naming: ["2"])
        expect(.indexMismatch, try forged { $0.indexCounts[0][0] = 3 }, naming: ["3", "4"])
        expect(.indexMismatch, try forged { $0.indexCounts[1][0] = 0 })
        expect(.indexMismatch, try forged { $0.claimedContentSizes[0] = .max })
        expect(
            .indexMismatch,
            try forged { $0.json = $0.json.replacing("\"firstSequence\":0", with: "\"firstSequence\":281474976710655") }
        )
    }

    @Test func seekTableMismatch() {
        for offset in [shard.count - 12, shard.count - 5] {
            var bytes = shard
            bytes[offset] ^= 1
            expect(.seekTableMismatch, bytes)
        }
        var bytes = shard
        bytes.replaceSubrange((shard.count - 9)..<(shard.count - 5), with: [255, 255, 255, 127])
        expect(.seekTableMismatch, bytes)
    }

    @Test func blockCorrupt() throws {
        var bytes = shard
        let offset = 28 + (try ShardForge(shard)).json.utf8.count
        bytes[offset + 20] ^= 1
        expect(.blockCorrupt, bytes, at: UInt64(offset))
        expect(.blockCorrupt, try forged { $0.claimedContentSizes[0] = 1 << 30 }, naming: ["1073741824"])
    }

    @Test func blockShapeMismatch() throws {
        expect(.blockShapeMismatch, try forged { $0.contents[0].removeLast() })
        expect(.blockShapeMismatch, try forged { $0.contents[0].append(0) })
        expect(.blockShapeMismatch, try forged { $0.contents[0] = [1, 2, 3] })
        for count in 0..<7 {
            expect(
                .blockShapeMismatch,
                try forged {
                    $0.contents[0].replaceSubrange((4 * count)..<(4 * count + 4), with: [255, 255, 255, 255])
                })
        }
        expect(.blockShapeMismatch, try forged { $0.indexCounts[0][1] += 1 }, naming: ["index"])
        expect(.blockShapeMismatch, try forged { $0.indexCounts[0][2] += 1 }, naming: ["index"])
    }

    @Test func lengthsMismatch() throws {
        expect(.lengthsMismatch, try forged("lengths", element: 0, 0), naming: ["lengths"])
        expect(.lengthsMismatch, try forged("lengths", element: 0, 17), naming: ["lengths", "17", "16"])
        expect(.lengthsMismatch, try forged("maskCounts", element: 0, 15), naming: ["maskCounts"])
        let first = try #require(try read(shard).first).tokenRange(ofSequence: 0).count
        expect(.lengthsMismatch, try forged("lengths", element: 0, first == 16 ? 15 : UInt16(first + 1)))
    }

    @Test func tokenOutOfRange() throws {
        for column in ["tokens", "headIDs", "winners"] {
            expect(.tokenOutOfRange, try forged(column, element: 1, 600), naming: [column, "600"])
        }
    }

    @Test func positionOutOfRange() throws {
        expect(.positionOutOfRange, try forged("maskGaps", element: 0, 16), naming: ["maskGaps", "16"])
        expect(.positionOutOfRange, try forged("maskGaps", element: 0, 65535))
    }

    @Test func headOutOfOrder() throws {
        let bytes = try forged { forge in
            let (offset, count) = try forge.column("headGaps", ofBlock: 0, header: header)
            for index in offset..<(offset + 2 * count) { forge.contents[0][index] = 255 }
        }
        expect(.headOutOfOrder, bytes)
    }

    @Test func sourcesAndSegments() throws {
        expect(.lengthsMismatch, try forged("sources", element: 0, 2), naming: ["sources", "2"])
        expect(.positionOutOfRange, try forged("secondSegments", element: 1, 16), naming: ["secondSegments", "16"])
        expect(.blockShapeMismatch, try forged { $0.indexCounts[0][3] ^= 1 }, naming: ["source", "index"])
        expect(.indexMismatch, try forged { $0.indexCounts[0][3] = 2 }, naming: ["source 2"])
    }

    @Test func candidatesAndOriginals() throws {
        expect(.lengthsMismatch, try forged("candidateCounts", element: 0, 0), naming: ["candidateCounts"])
        expect(.lengthsMismatch, try forged("candidateCounts", element: 0, 5), naming: ["candidateCounts", "5"])
        let block = try #require(try read(shard).first)
        let candidate = try #require(block.originalRanks.firstIndex { $0 >= 0 })
        let other = try #require(block.originalRanks.firstIndex { $0 < 0 })
        expect(
            .headOutOfOrder, try forged("originalGaps", element: candidate, 1), naming: ["originalGaps", "candidate"])
        expect(.headOutOfOrder, try forged("originalGaps", element: other, 0), naming: ["originalGaps", "candidate"])
        let steep = try #require(
            block.originalRanks.indices.first {
                block.originalRanks[$0] < 0 && block.headCodes[block.candidateRange(ofMasked: $0).upperBound - 1] > 2
            })
        expect(.headOutOfOrder, try forged("originalGaps", element: steep, 65534), naming: ["originalGaps"])
    }

    @Test func racesAndTails() throws {
        expect(.lengthsMismatch, try forged("raceCounts", element: 0, 257), naming: ["raceCounts", "257"])
        let block = try #require(try read(shard).first)
        let counts = (0..<block.maskedCount).map { block.raceRange(ofMasked: $0).count }
        let (two, none) = (try #require(counts.firstIndex(of: 2)), try #require(counts.firstIndex(of: 0)))
        // As many races, at one position more.
        let bytes = try forged { forge in
            let (offset, _) = try forge.column("raceCounts", ofBlock: 0, header: header)
            forge.contents[0][offset + two] = 1
            forge.contents[0][offset + none] = 1
        }
        expect(.lengthsMismatch, bytes, naming: ["raceCounts", "tail"])
    }

    @Test func raceOutOfOrder() throws {
        expect(.raceOutOfOrder, try forged("changeGaps", element: 0, 2048), naming: ["2049", "2048"])
        expect(.raceOutOfOrder, try forged("changeCounts", element: 0, 65535))
        let bytes = try forged { forge in
            let (offset, count) = try forge.column("changeCounts", ofBlock: 0, header: header)
            for index in offset..<(offset + 2 * count) { forge.contents[0][index] = 0 }
        }
        expect(.raceOutOfOrder, bytes, naming: ["0"])
    }

    @Test func outOfBounds() throws {
        let reader = try ShardReader(folder.file("valid.shard"))
        for block in [-1, 2] {
            let error = #expect(throws: ShardError.self) { try reader.block(at: block) }
            #expect(error?.kind == .outOfBounds)
        }
    }

    @Test func writerRefusesABadHeader() {
        var bad = header
        bad.maskProbability = .nan
        let error = #expect(throws: ShardError.self) { _ = try ShardWriter(folder.file("bad.shard"), header: bad) }
        #expect(error?.kind == .headerOutOfRange)
        #expect((try? ShardReader(folder.file("bad.shard"))) == nil)
    }
}
