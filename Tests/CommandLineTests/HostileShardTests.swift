import Foundation
import Testing

/// Broken shards from outside: one clear message and exit code 65, from the real program.
@Suite("Hostile shards on the command line")
struct HostileShardTests {
    private static let shards = packageFolder.appendingPathComponent("Tests/FormatTests")

    private static func golden(_ name: String = "head.shard") throws -> Data {
        try Data(contentsOf: shards.appendingPathComponent("Golden/\(name)"))
    }

    /// The changes of a sound shard, with their places (from its start, or its end where negative).
    static let damages: [(name: String, at: Int, bytes: [UInt8])] = [
        ("magic number", 0, [0]), ("version", 16, [2]), ("size of the header", 20, [255, 255, 255, 255]),
        ("header", 40, [0]), ("number of frames", -9, [255, 255, 255, 255]), ("end", -1, [0]),
        ("index", -80, [7, 7, 7]),
    ]

    private func expectRefusal(_ arguments: [String], naming path: String) throws {
        let refusal = try fastElectra(arguments)
        let comment = Comment(rawValue: "\(arguments): \(refusal.errors)")
        #expect(refusal.status == 65, comment)
        #expect(refusal.errors.hasPrefix("fast-electra: error: "), comment)
        #expect(refusal.errors.split(separator: "\n").count == 1 && refusal.errors.utf8.count < 1000, comment)
        #expect((refusal.errors + refusal.output).contains(path), comment)
    }

    @Test(arguments: damages)
    func damagedStructures(_ damage: (name: String, at: Int, bytes: [UInt8])) throws {
        try withTemporaryFolder { folder in
            var shard = try Self.golden()
            let start = damage.at < 0 ? shard.count + damage.at : damage.at
            for (offset, byte) in damage.bytes.enumerated() { shard[start + offset] = byte }
            let file = folder.appendingPathComponent("damaged.shard")
            try shard.write(to: file)
            try expectRefusal(["inspect", file.path], naming: "damaged.shard")
            try expectRefusal(["verify", file.path], naming: "damaged.shard")
        }
    }

    /// Damage within a block is seen when the block is read, and a folder is no better than its shards.
    @Test func aDamagedBlock() throws {
        try withTemporaryFolder { folder in
            var shard = try Self.golden()
            let header = 28 + Int(shard[20]) + Int(shard[21]) << 8
            shard[header + 20] ^= 1
            let file = folder.appendingPathComponent("damaged.shard")
            try shard.write(to: file)
            try expectRefusal(["inspect", file.path, "--sequence", "0"], naming: "damaged.shard")
            try expectRefusal(["verify", folder.path], naming: "damaged.shard")
        }
    }

    @Test(arguments: [
        #"{"version":1}"#, "[", String(repeating: "[", count: 1000),
        #"{"version":18446744073709551616,"header":{},"shards":[]}"#,
    ]) func aHostileManifest(_ manifest: String) throws {
        try withTemporaryFolder { folder in
            try Self.golden().write(to: folder.appendingPathComponent("sound.shard"))
            try Data(manifest.utf8).write(to: folder.appendingPathComponent("manifest.json"))
            try expectRefusal(["verify", folder.path], naming: "manifest.json")
        }
    }

    @Test func whatIsNoFile() throws {
        try withTemporaryFolder { folder in
            let pipe = folder.appendingPathComponent("pipe.shard")
            #expect(mkfifo(pipe.path, 0o600) == 0)
            for command in ["inspect", "verify"] {
                try expectRefusal([command, pipe.path], naming: "pipe.shard")
                try expectRefusal([command, folder.path], naming: "pipe.shard")
                try expectRefusal([command, "/dev/null"], naming: "/dev/null")
            }
        }
    }

    /// A sample of the finds of fuzzing; `FindsTests` reads all of it.
    @Test func finds() throws {
        let finds = Self.shards.appendingPathComponent("Finds")
        let names = try FileManager.default.contentsOfDirectory(atPath: finds.path).filter { $0.hasSuffix(".shard") }
        #expect(names.count > 10)
        for index in stride(from: 0, to: names.count, by: max(1, names.count / 8)) {
            let name = names.sorted()[index]
            let file = finds.appendingPathComponent(name)
            for command in [["verify"], ["inspect"], ["inspect", "--sequence", "0"]] {
                let finished = try fastElectra(command + [file.path])
                let comment = Comment(rawValue: "\(command) \(name): \(finished.status) \(finished.errors)")
                #expect([0, 64, 65].contains(finished.status), comment)
                #expect(finished.errors.split(separator: "\n").count == (finished.status == 0 ? 0 : 1), comment)
            }
        }
    }
}
