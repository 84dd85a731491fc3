import Format
import FuzzDriver
import SystemPackage

/// Any bytes as a shard: opened, read, verified. A refusal must be an error.
@main
enum FuzzShard {
    private static let file = MemoryFile("shard")

    static func main() {
        Fuzzer.run { data, count in
            FuzzShard.test(UnsafeRawBufferPointer(start: data, count: count))
            return 0
        }
    }

    private static func test(_ bytes: UnsafeRawBufferPointer) {
        file.write(bytes)
        if let reader = try? ShardReader(file.path) {
            let decoder = BlockDecoder()
            for block in 0..<min(reader.blockCount, 64) { _ = try? reader.block(at: block, using: decoder) }
        }
        _ = ShardVerifier.verify(shard: file.path)
    }
}
