import FoundationEssentials
import Storage
import SystemPackage

/// The first frame of a shard: magic, version and the header as JSON, with a CRC-32.
enum HeaderFrame {
    static let magic = Array("HEADRACE".utf8)
    /// Where the JSON starts in the file.
    static let jsonOffset: UInt64 = 24
    static let maximumJSONSize = 1 << 16
    /// Bytes before the JSON and after it.
    private static let fixedSize = 28

    static func encode(_ header: ShardHeader) throws(ShardError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let json: [UInt8]
        do {
            json = try Array(encoder.encode(header))
        } catch {
            throw ShardError(.headerOutOfRange, "the header cannot be written as JSON")
        }
        if json.count > maximumJSONSize {
            throw ShardError(
                .headerOutOfRange,
                "the header takes \(json.count) bytes, and \(maximumJSONSize) are allowed: the names of its sources, and the"
                    + " ranges of tokens that are never drawn, are too many")
        }
        var content = magic
        content.append(littleEndian: ShardHeader.version)
        content.append(littleEndian: UInt32(json.count))
        content += json
        var frame: [UInt8] = []
        frame.append(littleEndian: SkippableFrame.magicNumber)
        frame.append(littleEndian: UInt32(content.count + 4))
        frame += content
        frame.append(littleEndian: CyclicRedundancyCheck.of(frame))
        return frame
    }

    /// The header of a file, the size of its frame and its CRC-32.
    static func read(
        from file: RandomAccessFile
    ) throws(ShardError) -> (header: ShardHeader, size: Int, checksum: UInt32) {
        let name = file.path.string
        let start = try reportingFileErrors { () throws(FileError) in
            try file.read(at: 0, count: fixedSize + maximumJSONSize)
        }
        let isStart =
            start.count >= 16
            && start.littleEndian(at: 0, as: UInt32.self) == SkippableFrame.magicNumber
            && start[8..<16].elementsEqual(magic)
        if !isStart {
            throw ShardError(.notAShard, "this is not a shard", at: ErrorLocation(file: name, .byte(0)))
        }
        if start.count < fixedSize {
            throw ShardError(
                .truncated, "the file ends within its header", at: ErrorLocation(file: name, .byte(file.count)))
        }
        let version: UInt32 = start.littleEndian(at: 16)
        if version != ShardHeader.version {
            throw ShardError(
                .unsupportedVersion,
                "the shard has version \(ShardHeader.words(ofVersion: version)), this reader knows version "
                    + ShardHeader.words(ofVersion: ShardHeader.version),
                at: ErrorLocation(file: name, .byte(16)))
        }
        let size: UInt32 = start.littleEndian(at: 20)
        let frameSize: UInt32 = start.littleEndian(at: 4)
        if Int(size) > maximumJSONSize || Int(frameSize) != Int(size) + 20 {
            throw ShardError(
                .headerMalformed, "a header of \(size) bytes does not fit a frame of \(frameSize)",
                at: ErrorLocation(file: name, .byte(4)))
        }
        let end = Int(size) + fixedSize
        if start.count < end {
            throw ShardError(
                .truncated, "the file ends within its header", at: ErrorLocation(file: name, .byte(file.count)))
        }
        let checksum: UInt32 = start.littleEndian(at: end - 4)
        let computed = CyclicRedundancyCheck.of(start[..<(end - 4)])
        if checksum != computed {
            throw ShardError(
                .checksumMismatch, "the header's CRC-32 is \(computed), but the file says \(checksum)",
                at: ErrorLocation(file: name, .byte(UInt64(end - 4))))
        }
        let header: ShardHeader
        do {
            header = try JSONDecoder().decode(ShardHeader.self, from: Data(start[Int(jsonOffset)..<(end - 4)]))
        } catch {
            throw ShardError(
                .headerMalformed, "the header's JSON cannot be read: \(excerpt(words(of: error)))",
                at: ErrorLocation(file: name, .byte(jsonOffset)))
        }
        try header.validate(in: name)
        return (header, end, checksum)
    }
}

extension ShardHeader {
    /// A version as people write it.
    static func words(ofVersion version: UInt32) -> String { "\(version >> 16).\(version & 0xFFFF)" }
}
