import FuzzDriver
import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Turns shards into inputs of `fuzz-block`, and such inputs into the shards that the fuzzer makes of them.
///
///     fuzz-seeds take-apart FOLDER SHARD...
///     fuzz-seeds assemble FOLDER INPUT...
@main
enum FuzzSeeds {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count > 3, ["take-apart", "assemble"].contains(arguments[1]) else {
            print("usage: fuzz-seeds take-apart|assemble FOLDER FILE...")
            exit(64)
        }
        for path in arguments[3...].map({ FilePath($0) }) {
            let bytes = try contents(of: path)
            let result =
                arguments[1] == "assemble"
                ? bytes.withUnsafeBytes { ForgedShard($0).assemble() } : ForgedShard(takingApart: bytes).input
            let name = (path.stem ?? "") + (arguments[1] == "assemble" ? ".shard" : "")
            try write(result, to: FilePath(arguments[2]).appending(name))
        }
    }

    private static func contents(of path: FilePath) throws -> [UInt8] {
        let file = try FileDescriptor.open(path, .readOnly)
        return try file.closeAfter {
            let size = Int(try file.seek(offset: 0, from: .end))
            return try [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
                count = try file.read(fromAbsoluteOffset: 0, into: UnsafeMutableRawBufferPointer(buffer))
            }
        }
    }

    private static func write(_ bytes: [UInt8], to path: FilePath) throws {
        let file = try FileDescriptor.open(
            path, .writeOnly, options: [.create, .truncate], permissions: [.ownerReadWrite, .groupRead, .otherRead])
        _ = try file.closeAfter { try file.writeAll(bytes) }
    }
}
