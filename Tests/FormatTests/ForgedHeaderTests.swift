import Format
import Storage
import SystemPackage
import Testing

/// Headers that no writer writes, under a checksum that is right.
@Suite struct ForgedHeaderTests {
    let folder: TemporaryFolder
    let valid: ShardForge
    let header = sampleHeader(vocabularySize: 600, candidates: 3, visits: 2, blockSize: 2, maximumLength: 12)

    init() throws {
        folder = try TemporaryFolder()
        var random = SplitMix(seed: 3)
        var writer = try ShardWriter(folder.file("valid.shard"), header: header)
        try writer.append(BlockEncoder().encode(sampleBlock(header, sequences: 2, using: &random)))
        try writer.commit(endingPass: true)
        valid = try ShardForge(RandomAccessFile.contents(of: folder.file("valid.shard")))
    }

    /// The header's members as they stand in its JSON, those of objects too.
    static let members: [(name: String, text: String)] = [
        ("vocabularySize", "600"), ("vocabularySHA256", "\"\(String(repeating: "a1", count: 32))\""),
        ("generatorSHA256", "\"\(String(repeating: "b2", count: 32))\""),
        ("specialTokens", #"{"classification":1,"mask":3,"padding":0,"separator":2}"#),
        ("classification", "1"), ("mask", "3"), ("padding", "0"), ("separator", "2"),
        ("maximumLength", "12"), ("maskProbability", "0.15"), ("seed", "7"), ("leastCandidates", "1"),
        ("mostCandidates", "3"), ("visitCount", "2"), ("neverDrawn", "[]"), ("sources", #"["en","de"]"#),
        ("changeParts", "2048"), ("deviation", "0.002"),
        ("temperatureRange", #"{"maximum":2,"minimum":1}"#), ("maximum", "2"), ("minimum", "1"),
        ("blockSize", "2"), ("pass", "0"), ("firstSequence", "0"),
    ]

    static let extremes: [String] =
        [
            "0", "-0", "-1", "1", "2147483647", "2147483648", "4294967295", "4294967296", "281474976710655",
            "9223372036854775807", "9223372036854775808", "18446744073709551615", "18446744073709551616",
            "-9223372036854775808", "-9223372036854775809", "1e308", "-1e308", "1e309", "1e-308", "4.9e-324", "0.1",
            "0.999999999999999999999", "NaN", "nan", "Infinity", "-Infinity", "\"NaN\"", "\"Infinity\"", "\"0\"",
            "null",
            "true", "[]", "{}", "[null]", "[1e308,-1e308]", "", ",", "}", "\"", "\"\\u0000\"", "\"\\ud800\"", "0x10",
            "01", "1_000", "1e", "--1",
        ] + [
            String(repeating: "9", count: 60_000), "\"" + String(repeating: "\u{1B}[2J", count: 15_000) + "\"",
            String(repeating: "[", count: 60_000),
            String(repeating: "[", count: 30_000)
                + String(repeating: "]", count: 30_000),
            String(repeating: #"{"a":"#, count: 10_000) + "1" + String(repeating: "}", count: 10_000),
            "[" + String(repeating: "0,", count: 30_000) + "0]",
        ]

    /// Refused with one short message, or read as a shard that the format allows.
    private func read(json: String, _ comment: Comment, sourceLocation: SourceLocation = #_sourceLocation) throws {
        var forge = valid
        forge.json = json
        try folder.write(forge.assemble(), as: "tested.shard")
        do throws(ShardError) {
            let reader = try ShardReader(folder.file("tested.shard"))
            for block in 0..<reader.blockCount { expectConsistent(try reader.block(at: block), comment) }
        } catch {
            #expect(error.kind != .inputOutput, comment, sourceLocation: sourceLocation)
            #expect(
                error.description.utf8.count < 1000 && !error.description.utf8.contains { $0 < 32 },
                comment, sourceLocation: sourceLocation)
        }
    }

    @Test(arguments: members) func everyMemberAtItsExtremes(_ member: (name: String, text: String)) throws {
        let old = "\"\(member.name)\":\(member.text)"
        try #require(valid.json.contains(old))
        for value in Self.extremes {
            try read(
                json: valid.json.replacing(old, with: "\"\(member.name)\":\(value)"),
                "\(member.name) \(value.prefix(40))")
        }
    }

    @Test func nodesAtTheirExtremes() throws {
        let start = try #require(valid.json.firstRange(of: "\"tailNodes\":[")).lowerBound
        let end = try #require(valid.json[start...].firstIndex(of: "]"))
        let written = String(valid.json[start...end])
        for value in Self.extremes + Self.extremes.map({ "[1,\($0),1.5,1.75,2]" }) {
            try read(json: valid.json.replacing(written, with: "\"tailNodes\":\(value)"), "\(value.prefix(40))")
        }
    }

    /// Whichever of the two a reader takes, it takes it throughout.
    @Test(arguments: members) func everyMemberTwice(_ member: (name: String, text: String)) throws {
        let old = "\"\(member.name)\":\(member.text)"
        for value in ["1", "-1", "9223372036854775807", "null", "{}", "\"\""] {
            try read(json: valid.json.replacing(old, with: "\(old),\"\(member.name)\":\(value)"), "\(member.name)")
            try read(json: valid.json.replacing(old, with: "\"\(member.name)\":\(value),\(old)"), "\(member.name)")
        }
    }

    @Test func membersThatNobodyKnows() throws {
        for value in Self.extremes {
            try read(json: valid.json.replacing("{\"block", with: "{\"x\":\(value),\"block"), "\(value.prefix(40))")
        }
        for name in ["", "\\u0000", "\\ud800", String(repeating: "x", count: 60_000)] {
            try read(json: valid.json.replacing("{\"block", with: "{\"\(name)\":1,\"block"), "\(name.prefix(40))")
        }
    }

    @Test func sizesOfTheHeader() throws {
        let shard = valid.assemble()
        for offset in [4, 20] {
            for value: UInt32 in [0, 1, 19, 20, 65_536, 65_537, 1 << 31, .max - 20, .max - 19, .max] {
                var bytes = shard
                bytes.replaceSubrange(offset..<(offset + 4), with: FormatTests.bytes(value))
                try folder.write(bytes, as: "tested.shard")
                #expect(throws: ShardError.self) { try ShardReader(folder.file("tested.shard")) }
            }
        }
    }

    /// Nodes that the format allows, and whose polynomial is no use.
    @Test func nodesWithoutAPrediction() throws {
        var header = sampleHeader(vocabularySize: 600, candidates: 3, visits: 2, blockSize: 4)
        let range = TemperatureRange(from: 1 / 64, to: 64)
        header.temperatureRange = range
        let start = range.place(of: 1 / 64)
        header.tailNodes =
            [1 / 64] + (1..<63).map { range.temperature(atPlace: start - 2 * start / 4000 * Double($0)) } + [64]
        let places = header.tailNodes.map(range.place(of:))
        let coefficients = NodeInterpolation.coefficients(at: places[63], nodes: places[..<63])
        #expect(coefficients.contains { abs($0) > 1e6 || !$0.isFinite })
        var random = SplitMix(seed: 1)
        let block = sampleBlock(header, sequences: 4, using: &random)
        var writer = try ShardWriter(folder.file("nodes.shard"), header: header)
        try writer.append(BlockEncoder().encode(block))
        try writer.commit(endingPass: true)
        #expect(try ShardReader(folder.file("nodes.shard")).block(at: 0) == block)
    }

    /// A head of 2^31 tokens costs nothing where no position is masked.
    @Test func aHeadOfTheWholeLargestVocabulary() throws {
        let header = sampleHeader(vocabularySize: .init(Int32.max), candidates: .init(Int32.max), blockSize: 1)
        var block = SequenceBlock(shape: header.blockShape)
        block.appendSequence([1, 2].span)
        var writer = try ShardWriter(folder.file("wide.shard"), header: header)
        let encoded = BlockEncoder().encode(block)
        for _ in 0..<100 { try writer.append(encoded) }
        try writer.commit(endingPass: true)
        let reader = try ShardReader(folder.file("wide.shard"))
        for index in 0..<reader.blockCount {
            block.first.number = UInt64(index)
            #expect(try reader.block(at: index) == block)
        }
    }

    /// Every shard that is written can be read: a header that is larger than readers accept is refused before that.
    @Test func aHeaderThatIsTooLargeIsNotWritten() throws {
        var large = header
        large.sources = (0..<1024).map { "\($0)" + String(repeating: "x", count: 60) }
        let error = #expect(throws: ShardError.self) { _ = try ShardWriter(folder.file("large.shard"), header: large) }
        #expect(error?.kind == .headerOutOfRange)
    }
}
