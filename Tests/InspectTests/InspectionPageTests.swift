import Crypto
import Format
import Foundation
import Inspect
import Page
import Testing

/// Tests of the page that need no browser; `make browser-test` opens it in one.
@Suite("The page")
struct InspectionPageTests {
    private func element(_ opening: String, of html: String) throws -> String {
        let start = try #require(html.range(of: opening))
        let end = try #require(html.range(of: "</", range: start.upperBound..<html.endIndex))
        return String(html[start.upperBound..<end.lowerBound])
    }

    /// All that JSON may contain comes through, and none of it ends or starts an element.
    @Test func dataIsInert() throws {
        let evil = "</script><script>alert(1)</script><!-- & {{program}} \u{2028}"
        let json = try JSONEncoder().encode(["text": evil])
        let html = InspectionPage(data: String(decoding: json, as: UTF8.self)).html
        #expect(html.components(separatedBy: "<script").count == 3, "the data's element and the program's")
        #expect(!html.contains("alert(1)</script") && !html.contains("<!--"))
        let data = try element(#"type="application/json">"#, of: html)
        #expect(try JSONDecoder().decode([String: String].self, from: Data(data.utf8)) == ["text": evil])
    }

    /// The policy names the content of the page, and nothing else may run or be loaded.
    @Test func thePolicyNamesItsContent() throws {
        let html = InspectionPage(data: "{}").html
        #expect(!html.contains("{{") && html.hasPrefix("<!DOCTYPE html>"))
        for opening in ["<style>", "<script>"] {
            let content = try element(opening, of: html)
            let hash = Data(SHA256.hash(data: Data(content.utf8))).base64EncodedString()
            #expect(html.contains("'sha256-\(hash)'"), "\(opening)")
        }
        #expect(html.contains("default-src 'none'"))
        for outside in ["src=", "href=", "url(", "@import", "http-equiv=\"refresh\"", "fetch(", "innerHTML", "eval("] {
            #expect(!html.contains(outside), "\(outside)")
        }
        #expect(html.utf8.count < 60_000, "what a page has besides its data")
    }
}

@Suite("Sequences to read")
struct ReadingSampleTests {
    private let shards: SmallShards
    private let source: ShardSource

    init() throws {
        shards = try SmallShards()
        source = try ShardSource(shards.folder)
    }

    private func sample(blocks: Int = 100, seed: UInt64 = 1, limit: Int = 1000, bytes: Int = 1 << 20) throws
        -> ReadingSample
    {
        try ReadingSample(
            source, BlockSample(of: source.blockCount, atMost: blocks, seed: seed), limit: limit, byteLimit: bytes)
    }

    @Test func holdsWhatTheBlocksHold() throws {
        let sequences = try sample().sequences
        #expect(sequences.map(\.entry) == Array(0..<60))
        for sequence in sequences {
            let (block, row, _) = try source.sequence(sequence.entry)
            #expect(sequence.tokens == Array(block.tokens[block.tokenRange(ofSequence: row)]))
            let masked = block.maskedRange(ofSequence: row)
            #expect(sequence.positions.map(\.position) == Array(block.maskedPositions[masked]))
            #expect(
                sequence.positions.flatMap(\.head)
                    == Array(block.headIDs[masked.lowerBound * 3..<masked.upperBound * 3]))
        }
    }

    @Test func keepsToItsLimits() throws {
        let few = try sample(blocks: 4, limit: 6)
        #expect(few.sequences.count <= 6 && few.sequences.count >= 4)
        #expect(few.sequences.map(\.entry) == few.sequences.map(\.entry).sorted())
        #expect(try sample(blocks: 4, limit: 6).sequences.map(\.entry) == few.sequences.map(\.entry))
        #expect(try sample(blocks: 4, seed: 2, limit: 6).sequences.map(\.entry) != few.sequences.map(\.entry))
        let encoder = JSONEncoder()
        let small = try sample(bytes: 3000)
        #expect(small.omitted > 0 && !small.sequences.isEmpty)
        #expect(try small.sequences.reduce(0) { try $0 + encoder.encode($1).count } <= 3000)
        #expect(small.sequences.count + small.omitted == 60)
        let none = try sample(bytes: 10)
        #expect(none.sequences.isEmpty && none.omitted == 60 && none.tokenIDs.isEmpty)
    }

    @Test func namesEveryTokenOnce() throws {
        let few = try sample(blocks: 4, limit: 6)
        let all = few.sequences.flatMap { sequence in
            sequence.tokens + sequence.positions.flatMap { $0.head + $0.leaders.flatMap(\.self) }
        }
        #expect(few.tokenIDs == Set(all))
    }

    /// The mark that the command looks for before it replaces a file.
    @Test func hasItsMarkNearItsStart() {
        let html = InspectionPage(data: "{}").html
        #expect(html.utf8.prefix(4096).count == 4096 && String(html.prefix(2000)).contains(InspectionPage.kind.marker))
    }
}
