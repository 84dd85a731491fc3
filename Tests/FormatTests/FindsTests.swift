import Format
import Storage
import SystemPackage
import Testing

/// The finds of fuzzing (`Finds/README.md`): each refused with an error, or read as a block that keeps its promises.
@Suite struct FindsTests {
    static let folder = FilePath(#filePath).removingLastComponent().appending("Finds")
    static let names = ((try? Folder(folder).names()) ?? []).filter { FilePath($0).extension == "shard" }

    /// Shards of another version are refused before anything else is tried: they say nothing about the reader.
    @Test func mostAreOfThisVersion() {
        let refusedForTheirVersion = Self.names.count { name in
            do throws(ShardError) {
                _ = try ShardReader(Self.folder.appending(name))
                return false
            } catch {
                return error.kind == .unsupportedVersion
            }
        }
        #expect(Self.names.count > 10 + refusedForTheirVersion && refusedForTheirVersion < 5)
    }

    @Test(arguments: names) func isRefusedOrHarmless(_ name: String) throws {
        let path = Self.folder.appending(name)
        do throws(ShardError) {
            let reader = try ShardReader(path)
            for block in 0..<reader.blockCount { expectConsistent(try reader.block(at: block), "\(name)") }
        } catch {
            #expect(error.kind != .inputOutput)
            #expect(error.location?.file == path.string)
            #expect(!ShardVerifier.verify(shard: path).isSound)
        }
    }
}
