#if os(Linux)
    import CMalloc
    import Format
    import Foundation
    import Storage
    import SystemPackage
    import Testing

    /// A reader's memory follows the bytes that are there, not the claims: at most four times the bytes that it reads
    /// and really decompresses, and a mebibyte for zstd's context and the header's JSON.
    ///
    /// The system sees to it, by a limit on the address space, which counts allocated memory, touched or not. So each
    /// test has a process of its own.
    @Suite struct AllocationTests {
        @Test func claimsAreNotBelieved() async {
            await #expect(processExitsWith: .success) {
                let ration = try Ration()
                let forge = try validForge()
                for claim: UInt32 in [1 << 20, 1 << 26, 1 << 30] {
                    // Four bytes that are claimed to be a window, or a single segment, of a gibibyte.
                    for descriptor: [UInt8] in [[0xA4], [0x84, 17 << 3]] {
                        var forge = forge
                        forge.claimedContentSizes[0] = claim
                        let start = bytes(0xFD2F_B528) + descriptor + bytes(claim)
                        forge.frames[0] = start + bytes(4 << 3 | 1).prefix(3) + [1, 2, 3, 4] + bytes(0)
                        try ration.check(forge.assemble(), decompressed: 4, isRefused: true)
                        // A run of 2^17 bytes, the most that a block may claim, and it is true.
                        forge.frames[0] = start + bytes(1 << 20 | 3).prefix(3) + [0] + bytes(0)
                        try ration.check(forge.assemble(), decompressed: 1 << 17, isRefused: true)
                    }
                }
                for word: UInt32 in [1 << 20, 1 << 31, .max] {
                    for offset in [0, 4, 8, 12] {
                        var forge = forge
                        forge.contents[0].replaceSubrange(offset..<(offset + 4), with: bytes(word))
                        if offset < 12 { forge.indexCounts[0][offset / 4] = word }
                        try ration.check(forge.assemble(), decompressed: forge.contents[0].count, isRefused: true)
                    }
                    var shard = forge.assemble()
                    shard.replaceSubrange((shard.count - 9)..<(shard.count - 5), with: bytes(word))
                    try ration.check(shard, decompressed: 0, isRefused: true)
                }
            }
        }

        /// Frames that hold as much as they claim, some thousand times their own size: a true one, and one whose last
        /// byte is missing.
        @Test func bombsCostWhatTheyHold() async {
            await #expect(processExitsWith: .success) {
                let ration = try Ration()
                let header = sampleHeader(
                    vocabularySize: 600, candidates: 500, leastCandidates: 500, visits: 1, blockSize: 1024)
                for masked in [500, 4000, 16_000] {
                    var forge = try validForge(header)
                    // As many sequences of as many tokens, all of them masked, all of whose columns are zero.
                    let lengths = [16, 0].map { byte in [UInt8](repeating: byte, count: 1000) }.joined()
                    let counts = [16 * 1000, masked]
                    let perSequence = masked / 1000
                    let content: [UInt8] =
                        bytes(1000) + bytes(UInt32(counts[0])) + bytes(UInt32(masked)) + bytes(UInt32(500 * masked))
                        + [UInt8](repeating: 0, count: 12) + Array(lengths) + [UInt8](repeating: 0, count: 4000)
                        + (0..<1000).map { UInt8(perSequence > 0 ? perSequence : $0 < masked ? 1 : 0) }
                        + [UInt8](repeating: 0, count: 1000 + 2 * counts[0] + 2 * masked)
                        // Five hundred candidates, the first of which is the original.
                        + [UInt8](repeating: 244, count: masked) + [UInt8](repeating: 1, count: masked)
                        + [UInt8](repeating: 0, count: masked * (2 * 500 + 2 * 499 + 2 + 2))
                    forge.contents = [content]
                    forge.indexCounts = [[1000, UInt32(counts[0]), UInt32(masked), 0]]
                    try ration.check(forge.assemble(), decompressed: content.count, isRefused: false)
                    forge.frames[0] = FrameCompressor(level: 3).compress(content, pieces: [content.indices]).frame
                    forge.frames[0]?.withUnsafeMutableBufferPointer { $0[$0.count - 1] ^= 1 }
                    try ration.check(forge.assemble(), decompressed: content.count, isRefused: true)
                    // A bomb that goes off late: the content is one byte longer than the columns.
                    forge.frames = [:]
                    forge.contents[0].append(0)
                    try ration.check(forge.assemble(), decompressed: content.count, isRefused: true)
                }
            }
        }

        /// A million blocks in an index, with nothing in them.
        @Test func indicesCostWhatTheyTake() async {
            await #expect(processExitsWith: .success) {
                let ration = try Ration()
                var forge = try validForge()
                forge.contents = .init(repeating: [], count: 200_000)
                forge.indexCounts = .init(repeating: [2, 2, 0, 0], count: 200_000)
                forge.frames = .init(uniqueKeysWithValues: forge.contents.indices.map { ($0, bytes(0)) })
                try ration.check(forge.assemble(), decompressed: 0, isRefused: true)
            }
        }
    }

    private func validForge(
        _ header: ShardHeader = sampleHeader(vocabularySize: 600, candidates: 3, visits: 2, blockSize: 2)
    ) throws -> ShardForge {
        let folder = try TemporaryFolder()
        var random = SplitMix(seed: 8)
        var writer = try ShardWriter(folder.file("valid.shard"), header: header)
        try writer.append(BlockEncoder(level: 1).encode(sampleBlock(header, sequences: 2, using: &random)))
        try writer.commit(endingPass: true)
        return try ShardForge(RandomAccessFile.contents(of: folder.file("valid.shard")))
    }

    /// Address space is rationed while a shard is read: who asks for more than it is worth gets none, and dies of it.
    private struct Ration {
        /// For memory that does not depend on the shard: zstd's context, the header's JSON.
        static let allowance = 1 << 20
        private let folder: TemporaryFolder

        init() throws {
            // The allocator gives freed memory back at once, and takes nothing in advance.
            mallopt(M_ARENA_MAX, 1)
            mallopt(M_MMAP_THRESHOLD, 1 << 16)
            mallopt(M_TOP_PAD, 0)
            mallopt(M_TRIM_THRESHOLD, 0)
            folder = try TemporaryFolder()
            // Code and tables that are loaded when first used are not the shard's.
            let shard = try validForge().assemble()
            try check(shard, decompressed: 1 << 24, isRefused: false)
        }

        /// Reads a shard whole, on four times its bytes and those that are `decompressed` from it.
        func check(_ shard: [UInt8], decompressed: Int, isRefused: Bool) throws {
            try folder.write(shard, as: "tested.shard")
            let path = folder.file("tested.shard")
            malloc_trim(0)
            var limit = rlimit()
            let resource = __rlimit_resource_t(RLIMIT_AS.rawValue)
            #expect(getrlimit(resource, &limit) == 0)
            let former = limit
            limit.rlim_cur = rlim_t(try size() + 4 * (shard.count + decompressed) + Self.allowance)
            #expect(setrlimit(resource, &limit) == 0)
            var refusal: ShardError?
            do throws(ShardError) {
                let reader = try ShardReader(path)
                for block in 0..<reader.blockCount { _ = try reader.block(at: block) }
            } catch {
                refusal = error
            }
            limit = former
            #expect(setrlimit(resource, &limit) == 0)
            #expect((refusal != nil) == isRefused, "\(refusal.map { "\($0)" } ?? "read")")
            #expect(refusal?.problem.contains("llocation") != true)
        }

        /// Bytes of address space that this process has.
        private func size() throws -> Int {
            let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
            let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmSize:") })
            return try #require(Int(line.filter(\.isNumber))) * 1024
        }
    }
#endif
