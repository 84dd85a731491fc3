import Fixtures
import Format
import Generate
import Storage
import SystemPackage
import Testing

/// A run that stops and goes on makes the same as an undisturbed one, and loses little.
@Suite struct ContinuedGenerationTests {
    private let generator = RandomGenerator()
    /// More than one shard of 64 blocks of 4 sequences.
    private static let sequenceCount = 300

    private func generate(
        into folder: FilePath, threads: Int = 1, passes: Int = 1, text: UInt64 = 5, input: [FilePath] = [],
        stoppingAfter tokens: Int = .max, progress: (GenerationProgress) -> Void = { _ in }
    ) throws -> GenerationSummary {
        var seen = 0
        return try ShardGenerator(
            generator.model, parameters: generator.parameters, header: generator.header(),
            masking: generator.masking, passes: passes, threads: threads, folder: folder
        ).generate(
            from: { _ in RandomGenerator.Source(count: Self.sequenceCount, seed: text) },
            input: FileSnapshot(of: input),
            progress: {
                seen = $0.tokens
                progress($0)
            }, isInterrupted: { seen >= tokens })
    }

    private func interrupt(_ folder: FilePath, threads: Int = 1, passes: Int = 1, after tokens: Int) throws -> Int {
        var made = 0
        #expect(throws: CancellationError.self) {
            try generate(
                into: folder, threads: threads, passes: passes, stoppingAfter: tokens, progress: { made = $0.tokens })
        }
        return made
    }

    private func contents(of folder: FilePath) throws -> [String: [UInt8]] {
        try Folder(folder).names().reduce(into: [:]) {
            $0[$1] = try RandomAccessFile.contents(of: folder.appending($1))
        }
    }

    private func partial(in folder: FilePath) throws -> FilePath {
        let names = try Folder(folder).names().filter { $0.hasSuffix(".partial") }
        #expect(names.count == 1)
        return folder.appending(try #require(names.first))
    }

    /// A data set whose folder is moved away would go on in a new folder at the old path.
    @Test func aMovedFolderEndsTheRun() throws {
        let (whole, folder) = (try temporaryFolder(), try temporaryFolder())
        let undisturbed = try generate(into: whole)
        let moved = FilePath(folder.string + "-moved")
        #expect(throws: FolderMoved.self) {
            try generate(into: folder) { progress in
                guard progress.tokens > 700, !Folder(moved).exists else { return }
                try? Folder(folder).move(to: moved)
                try? Folder(folder).create()
            }
        }
        #expect(try Folder(folder).names() == [], "nothing is written to the old path")
        try Folder(folder).remove()
        try Folder(moved).move(to: folder)
        // The next run would find that its process has ended. This one has not.
        for name in try Folder(folder).names() where name.hasSuffix(FileClaim.ending) {
            try Folder(folder).removeFile(name)
        }
        #expect(try generate(into: folder).counts == undisturbed.counts)
        #expect(try contents(of: folder) == contents(of: whole))
    }

    @Test(arguments: [1, 3])
    func makesNoBlockTwice(threads: Int) throws {
        let (whole, parts) = (try temporaryFolder(), try temporaryFolder())
        let undisturbed = try generate(into: whole, passes: 2)
        var made = 0
        for tokens in [1, 700, 1500, 1] {
            made += try interrupt(parts, threads: threads, passes: 2, after: tokens)
        }
        made += try generate(into: parts, threads: threads, passes: 2).newTokens
        #expect(made == undisturbed.newTokens)
        #expect(try contents(of: whole) == contents(of: parts))
        #expect(try generate(into: parts, passes: 2).newTokens == 0)
    }

    /// Whatever a crash or a power cut leaves of a shard in hand, the shard comes out the same.
    @Test func trustsNoPartialShard() throws {
        let whole = try temporaryFolder()
        let undisturbed = try generate(into: whole)
        let folder = try temporaryFolder()
        let made = try interrupt(folder, after: 1500)
        let path = try partial(in: folder)
        let left = try RandomAccessFile.contents(of: path)
        var damaged = [
            [], Array(left.prefix(10)), left.dropLast(), Array(left.dropLast(left.count / 2)), left + left.suffix(300),
            left + [UInt8](repeating: 0, count: 4096),
        ]
        for place in stride(from: 0, to: left.count, by: left.count / 24) {
            damaged.append(left)
            damaged[damaged.count - 1][place] ^= 0x10
        }
        // A page that never reached the disk.
        damaged.append(left)
        for place in left.count / 2..<left.count * 3 / 4 { damaged[damaged.count - 1][place] = 0 }
        for bytes in damaged {
            let folder = try temporaryFolder()
            try DurableFile.write(bytes, to: folder.appending(try #require(path.lastComponent)))
            let summary = try generate(into: folder)
            #expect(summary.newTokens >= undisturbed.newTokens - made && summary.newTokens <= undisturbed.newTokens)
            #expect(try contents(of: whole) == contents(of: folder))
        }
    }

    @Test func keepsNoBlockOfAnotherText() throws {
        let (whole, folder) = (try temporaryFolder(), try temporaryFolder())
        _ = try generate(into: whole, text: 6)
        _ = try interrupt(folder, after: 1500)
        _ = try generate(into: folder, text: 6)
        #expect(try contents(of: whole) == contents(of: folder))
    }

    @Test func fillsAGapAndNothingElse() throws {
        let folder = try temporaryFolder()
        _ = try generate(into: folder, passes: 2)
        let whole = try contents(of: folder)
        let names = try Folder(folder).names().filter { $0.hasSuffix(".shard") }
        let lost = folder.appending(names[1])
        let tokens = try ShardReader(lost).counts.tokens
        try Folder(lost).move(to: temporaryFolder().appending("shard"))
        var passesRead = 0
        let summary = try ShardGenerator(
            generator.model, parameters: generator.parameters, header: generator.header(), masking: generator.masking,
            passes: 2, threads: 1, folder: folder
        ).generate(
            from: { _ in
                passesRead += 1
                return RandomGenerator.Source(count: Self.sequenceCount)
            }, input: FileSnapshot(of: []), progress: { _ in }, isInterrupted: { false })
        #expect(summary.newTokens == Int(tokens))
        #expect(passesRead == 1, "a pass that has its shards is not tokenized again")
        #expect(try contents(of: folder) == whole)
    }

    /// Somebody copied a shard over another one, and then removed the original.
    @Test func namesAShardThatHasAnothersName() throws {
        let folder = try temporaryFolder()
        _ = try generate(into: folder)
        let whole = try contents(of: folder)
        let names = try Folder(folder).names().filter { $0.hasSuffix(".shard") }.sorted()
        try #require(names.count == 2)
        try DurableFile.write(try #require(whole[names[0]]), to: folder.appending(names[1]))
        try Folder(folder).removeFile(names[0])
        let error = #expect(throws: ShardError.self) { try generate(into: folder) }
        #expect(error?.kind == .mixedShards && error?.location?.file == folder.appending(names[1]).string)
        #expect(error?.remedy.hasPrefix("Remove it") == true)
        try Folder(folder).removeFile(names[1])
        _ = try generate(into: folder)
        #expect(try contents(of: folder) == whole)
    }

    @Test func completesNoShardOfATextThatChanged() throws {
        let (folder, inputs) = (try temporaryFolder(), try temporaryFolder())
        let text = inputs.appending("text.txt")
        try DurableFile.write("before", to: text)
        let error = #expect(throws: FileChanged.self) {
            try generate(
                into: folder, input: [text],
                progress: { if $0.tokens > 500 { try? DurableFile.write("after!", to: text) } })
        }
        #expect(error?.path == text && error?.isGone == false)
        #expect(try Folder(folder).names().allSatisfy { $0.hasSuffix(".partial") })
    }

    @Test func refusesADamagedShard() throws {
        let folder = try temporaryFolder()
        _ = try generate(into: folder)
        let name = try #require(try Folder(folder).names().first { $0.hasSuffix(".shard") })
        try DurableFile.write(
            Array(RandomAccessFile.contents(of: folder.appending(name)).dropLast(3)), to: folder.appending(name))
        let error = #expect(throws: ShardError.self) { try generate(into: folder) }
        #expect(error?.kind == .truncated)
    }
}
