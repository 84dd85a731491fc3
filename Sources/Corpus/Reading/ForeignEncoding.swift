import Storage
import SystemPackage

/// The encoding of a file that is not read here: taken for text, it would give a vocabulary of noise.
enum ForeignEncoding: CaseIterable {
    case xz
    case bzip2
    case zip
    case sevenZip
    case lz4
    /// Before UTF-16, whose mark begins one of its own.
    case utf32
    case utf16

    /// Bytes that tell all of them.
    static let magicLength = 10

    /// - Parameter start: the first bytes of a file.
    init?(_ start: [UInt8]) {
        guard let found = Self.allCases.first(where: { $0.magic.contains(where: start.starts(with:)) }) else {
            return nil
        }
        self = found
    }

    private var magic: [[UInt8]] {
        switch self {
        case .xz: [[0xFD, 0x37, 0x7A, 0x58, 0x5A, 0]]
        // A digit, and pi.
        case .bzip2:
            (UInt8(ascii: "1")...UInt8(ascii: "9")).map { [0x42, 0x5A, 0x68, $0, 0x31, 0x41, 0x59, 0x26, 0x53, 0x59] }
        case .zip: [[0x50, 0x4B, 3, 4]]
        case .sevenZip: [[0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C]]
        case .lz4: [[0x04, 0x22, 0x4D, 0x18]]
        case .utf32: [[0xFF, 0xFE, 0, 0], [0, 0, 0xFE, 0xFF]]
        case .utf16: [[0xFF, 0xFE], [0xFE, 0xFF]]
        }
    }

    private var name: String {
        switch self {
        case .xz: "xz"
        case .bzip2: "bzip2"
        case .zip: "zip"
        case .sevenZip: "7z"
        case .lz4: "lz4"
        case .utf32: "UTF-32"
        case .utf16: "UTF-16"
        }
    }

    func error(_ path: FilePath) -> CorpusError {
        let location = ErrorLocation(file: path.string)
        if [.utf16, .utf32].contains(self) {
            return CorpusError(
                .unknownEncoding(name), "the file is text in \(name)", at: location,
                remedy: "Convert it to UTF-8, as in iconv -f \(name) -t UTF-8 FILE")
        }
        return CorpusError(
            .unknownEncoding(name), "the file is compressed with \(name), which is not read here", at: location,
            remedy: "Decompress it, or compress it with gzip or zstd")
    }
}
