import Storage

/// How many sequences, tokens and masked positions there are.
public struct Counts: Codable, Sendable, Hashable {
    public var sequences: UInt64 = 0
    public var tokens: UInt64 = 0
    public var maskedPositions: UInt64 = 0

    public init(sequences: UInt64 = 0, tokens: UInt64 = 0, maskedPositions: UInt64 = 0) {
        self.sequences = sequences
        self.tokens = tokens
        self.maskedPositions = maskedPositions
    }

    public static func += (total: inout Self, part: Self) {
        total.sequences += part.sequences
        total.tokens += part.tokens
        total.maskedPositions += part.maskedPositions
    }
}

/// The index of a shard's blocks, written after them: the last frame but one.
struct BlockIndex: Hashable {
    struct Entry: Hashable {
        /// Bytes of the block's frame.
        var frameSize: UInt32
        /// Bytes of its content.
        var contentSize: UInt32
        /// The frame's content checksum: the low half of XXH64.
        var checksum: UInt32
        var sequences: UInt32
        var tokens: UInt32
        var maskedPositions: UInt32
        /// The source of all its sequences, or ``severalSources``.
        var source: UInt32

        static let byteCount = 28
        static let severalSources = UInt32.max

        /// The value in the index for a block whose sequences come from these.
        static func source(of sources: [UInt16]) -> UInt32 {
            guard let first = sources.first, sources.allSatisfy({ $0 == first }) else { return severalSources }
            return UInt32(first)
        }
    }

    static let magic = Array("HRBLOCKS".utf8)
    /// Bytes before the entries and after them.
    static let fixedSize = 32

    var entries: [Entry] = []
    /// Whether the shard's last sequence is the last of its pass.
    var endsPass = false
    /// The CRC-32 of the shard's header, which binds the two together.
    var headerChecksum: UInt32

    var counts: Counts {
        entries.reduce(into: Counts()) {
            $0 += Counts(
                sequences: UInt64($1.sequences), tokens: UInt64($1.tokens),
                maskedPositions: UInt64($1.maskedPositions))
        }
    }

    func encode() -> [UInt8] {
        var frame: [UInt8] = []
        frame.append(littleEndian: SkippableFrame.magicNumber)
        frame.append(littleEndian: UInt32(Self.fixedSize + entries.count * Entry.byteCount - SkippableFrame.headerSize))
        frame += Self.magic
        frame.append(littleEndian: headerChecksum)
        frame.append(littleEndian: UInt32(endsPass ? 1 : 0))
        frame.append(littleEndian: UInt32(entries.count))
        for entry in entries {
            for number in [
                entry.frameSize, entry.contentSize, entry.checksum, entry.sequences, entry.tokens,
                entry.maskedPositions, entry.source,
            ] {
                frame.append(littleEndian: number)
            }
        }
        frame.append(littleEndian: CyclicRedundancyCheck.of(frame))
        return frame
    }

    /// Reads a frame that its caller has read whole.
    init(
        _ frame: ArraySlice<UInt8>, header: ShardHeader, headerChecksum: UInt32, at location: ErrorLocation
    ) throws(ShardError) {
        let isFrame =
            frame.count >= Self.fixedSize
            && frame.littleEndian(at: 0, as: UInt32.self) == SkippableFrame.magicNumber
            && Int(frame.littleEndian(at: 4, as: UInt32.self)) == frame.count - SkippableFrame.headerSize
            && frame.dropFirst(8).starts(with: Self.magic)
        if !isFrame { throw ShardError(.indexMismatch, "there is no block index here", at: location) }
        let checksum: UInt32 = frame.littleEndian(at: frame.count - 4)
        let computed = CyclicRedundancyCheck.of(frame.dropLast(4))
        if checksum != computed {
            throw ShardError(
                .checksumMismatch, "the block index's CRC-32 is \(computed), but the file says \(checksum)",
                at: location)
        }
        self.headerChecksum = frame.littleEndian(at: 16)
        if self.headerChecksum != headerChecksum {
            throw ShardError(
                .indexMismatch,
                "the block index belongs to a header of CRC-32 \(self.headerChecksum), but the shard's has "
                    + "\(headerChecksum)", at: location)
        }
        let flags: UInt32 = frame.littleEndian(at: 20)
        if flags > 1 { throw ShardError(.indexMismatch, "flags \(flags) are not known", at: location) }
        endsPass = flags == 1
        let count = Int(frame.littleEndian(at: 24, as: UInt32.self))
        if count != (frame.count - Self.fixedSize) / Entry.byteCount
            || (frame.count - Self.fixedSize) % Entry.byteCount != 0
        {
            throw ShardError(
                .indexMismatch, "\(count) blocks do not cover an index of \(frame.count) bytes", at: location)
        }
        entries = (0..<count).map { index in
            func number(_ field: Int) -> UInt32 {
                frame.littleEndian(at: 28 + index * Entry.byteCount + 4 * field)
            }
            return Entry(
                frameSize: number(0), contentSize: number(1), checksum: number(2), sequences: number(3),
                tokens: number(4), maskedPositions: number(5), source: number(6))
        }
        for (index, entry) in entries.enumerated() {
            let isLast = index == count - 1
            let isFull = Int(entry.sequences) == header.blockSize
            if !(isFull || (isLast && entry.sequences > 0 && entry.sequences < header.blockSize)) {
                throw ShardError(
                    .indexMismatch,
                    "block \(index) of \(count) has \(entry.sequences) sequences, blocks of this shard have "
                        + "\(header.blockSize)", at: location)
            }
            let tokenLimit = UInt64(entry.sequences) * UInt64(header.maximumLength)
            if entry.tokens < entry.sequences || UInt64(entry.tokens) > tokenLimit
                || entry.maskedPositions > entry.tokens
            {
                throw ShardError(
                    .indexMismatch,
                    "block \(index) of \(count) claims \(entry.tokens) tokens, \(entry.maskedPositions) of them masked, "
                        + "in \(entry.sequences) sequences of at most \(header.maximumLength)", at: location)
            }
            if entry.source != Entry.severalSources, Int(entry.source) >= header.sources.count {
                throw ShardError(
                    .indexMismatch,
                    "block \(index) of \(count) claims source \(entry.source), which the header does not name",
                    at: location)
            }
            if entry.contentSize > UInt32(BlockLayout.maximumByteCount) {
                throw ShardError(
                    .indexMismatch,
                    "block \(index) of \(count) claims \(entry.contentSize) bytes decompressed, more than "
                        + "the format allows", at: location)
            }
        }
        let end = header.firstSequence.addingReportingOverflow(counts.sequences)
        if end.overflow || end.partialValue > ShardHeader.Limit.sequence {
            throw ShardError(.indexMismatch, "sequences are numbered beyond 2^48", at: location)
        }
    }

    init(headerChecksum: UInt32) {
        self.headerChecksum = headerChecksum
    }
}
