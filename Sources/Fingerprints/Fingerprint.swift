import Crypto
import Storage
import SystemPackage

/// SHA-256, as 64 lower-case hexadecimal digits. It binds shards to a vocabulary and a generator, a run to its start, and a
/// checkpoint to its files.
public enum Fingerprint {
    public static func hexadecimal(of bytes: [UInt8]) -> String {
        hexadecimal(SHA256.hash(data: bytes))
    }

    /// Of the files' contents, one after the other.
    public static func hexadecimal(ofFiles paths: [FilePath]) throws -> String {
        var hash = SHA256()
        for path in paths {
            let file = try RandomAccessFile(path)
            var offset: UInt64 = 0
            while offset < file.count {
                let bytes = try file.read(at: offset, count: 1 << 20)
                if bytes.isEmpty { break }
                hash.update(data: bytes)
                offset += UInt64(bytes.count)
            }
        }
        return hexadecimal(hash.finalize())
    }

    private static func hexadecimal(_ digest: SHA256.Digest) -> String {
        let digits = Array("0123456789abcdef")
        return digest.reduce(into: "") { text, byte in
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
    }
}
