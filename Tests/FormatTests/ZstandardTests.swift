import Format
import Foundation
import Storage
import SystemPackage
import Testing

/// zstd's own program reads shards as the zstd streams that they are.
@Suite struct ZstandardTests {
    static let isInstalled = (try? run(["--version"])) != nil

    @Test(.enabled(if: isInstalled, "the zstd program is not installed"))
    func testsAndOpensAShard() throws {
        let folder = try TemporaryFolder()
        var random = SplitMix(seed: 2)
        let header = sampleHeader(vocabularySize: 30522, candidates: 16)
        let path = folder.file(header.fileName)
        var writer = try ShardWriter(path, header: header)
        for sequences in [8, 8, 1] {
            try writer.append(BlockEncoder().encode(sampleBlock(header, sequences: sequences, using: &random)))
        }
        try writer.commit(endingPass: true)
        #expect(try Self.run(["-q", "-t", path.string]) == 0)
        let opened = folder.file("opened")
        #expect(try Self.run(["-q", "-d", path.string, "-o", opened.string]) == 0)
        let contents = try ShardForge(RandomAccessFile.contents(of: path)).contents
        #expect(try RandomAccessFile.contents(of: opened) == contents.flatMap { $0 })

        var bytes = try RandomAccessFile.contents(of: path)
        bytes[2000] ^= 1
        try DurableFile.write(bytes, to: path)
        #expect(try Self.run(["-q", "-t", path.string]) != 0)
    }

    private static func run(_ arguments: [String]) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["zstd"] + arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        if process.terminationStatus == 127 { throw Errno.noSuchFileOrDirectory }
        return process.terminationStatus
    }
}
