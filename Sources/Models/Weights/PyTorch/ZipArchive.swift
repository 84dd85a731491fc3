import Storage

/// The entries of a zip archive that are stored as they are, without compression.
///
/// Source: PKWARE's APPNOTE.TXT, sections 4.3.7 (local header), 4.3.12 (central directory), 4.3.14 to 4.3.16 (its end, also
/// of 64 bits) and 4.5.3 (64-bit sizes).
struct ZipArchive {
    /// Bytes in the file of each entry, by name.
    let entries: [String: Range<UInt64>]

    private static let directoryLimit: UInt64 = 64 << 20

    init(_ bytes: any RandomAccessBytes) throws {
        let reader = Reader(bytes: bytes)
        guard try reader.bytes.read(at: 0, count: 4) == [0x50, 0x4B, 3, 4] else {
            throw reader.refused("it is not a zip archive, as PyTorch writes since 1.6", at: 0)
        }
        let directory = try reader.directory()
        guard directory.upperBound - directory.lowerBound <= Self.directoryLimit else {
            throw reader.refused(
                "its directory has \(directory.upperBound - directory.lowerBound) bytes", at: directory.lowerBound)
        }
        var fields = LittleEndianFields(
            try reader.bytes.read(
                at: directory.lowerBound, count: Int(directory.upperBound - directory.lowerBound)))
        var entries: [String: Range<UInt64>] = [:]
        while !fields.isAtEnd {
            let place = directory.lowerBound + UInt64(fields.position)
            guard let entry = DirectoryEntry(&fields) else {
                throw reader.refused("its directory is damaged", at: place)
            }
            guard entry.method == 0, entry.flags & 1 == 0 else {
                throw reader.refused("\(String(reflecting: entry.name)) is compressed or encrypted", at: place)
            }
            guard
                entries.updateValue(try reader.content(of: entry, before: directory.lowerBound), forKey: entry.name)
                    == nil
            else {
                throw reader.refused("\(String(reflecting: entry.name)) is there twice", at: place)
            }
        }
        self.entries = entries
    }
}

extension ZipArchive {
    private struct DirectoryEntry {
        let flags: UInt16
        let method: UInt16
        let name: String
        private(set) var size: UInt64
        private(set) var headerStart: UInt64

        init?(_ fields: inout LittleEndianFields) {
            guard fields.next(UInt32.self) == 0x0201_4B50, fields.skip(4),
                let flags = fields.next(UInt16.self), let method = fields.next(UInt16.self), fields.skip(8),
                let compressedSize = fields.next(UInt32.self), let size = fields.next(UInt32.self),
                let nameCount = fields.next(UInt16.self), let extraCount = fields.next(UInt16.self),
                let commentCount = fields.next(UInt16.self), fields.skip(8),
                let headerStart = fields.next(UInt32.self), let name = fields.take(Int(nameCount)),
                let extra = fields.take(Int(extraCount)), fields.skip(Int(commentCount))
            else { return nil }
            self.flags = flags
            self.method = method
            self.name = String(decoding: name, as: UTF8.self)
            self.size = UInt64(size)
            self.headerStart = UInt64(headerStart)
            // Where a number does not fit 32 bits it is all ones, and follows among the extra fields.
            var extraFields = LittleEndianFields(Array(extra))
            while !extraFields.isAtEnd {
                guard let kind = extraFields.next(UInt16.self), let count = extraFields.next(UInt16.self),
                    let content = extraFields.take(Int(count))
                else { return nil }
                if kind != 1 { continue }
                var wide = LittleEndianFields(Array(content))
                if size == .max {
                    guard let value = wide.next(UInt64.self) else { return nil }
                    self.size = value
                }
                if compressedSize == .max { guard wide.skip(8) else { return nil } }
                if headerStart == .max {
                    guard let value = wide.next(UInt64.self) else { return nil }
                    self.headerStart = value
                }
            }
        }
    }

    private struct Reader {
        let bytes: any RandomAccessBytes

        func refused(_ detail: String, at byte: UInt64) -> ModelError {
            ModelError(.unreadableCheckpoint(detail), bytes.path, byte: byte)
        }

        /// Where the central directory lies, from the record at the end of the file.
        func directory() throws -> Range<UInt64> {
            // The record has 22 bytes and a comment of up to 65,535.
            let tailStart = bytes.count - min(bytes.count, 22 + 65535)
            let tail = try bytes.read(at: tailStart, count: Int(bytes.count - tailStart))
            guard tail.count >= 22,
                let place = (0...tail.count - 22).reversed().first(where: {
                    tail[$0] == 0x50 && tail[$0 + 1] == 0x4B && tail[$0 + 2] == 5 && tail[$0 + 3] == 6
                })
            else { throw refused("its end is missing: the file is cut off", at: bytes.count) }
            var record = LittleEndianFields(Array(tail[(place + 12)...]))
            guard let size = record.next(UInt32.self), let start = record.next(UInt32.self) else {
                throw refused("its end is damaged", at: tailStart + UInt64(place))
            }
            let end = tailStart + UInt64(place)
            if size == .max || start == .max { return try wideDirectory(before: end) }
            return try directory(from: UInt64(start), count: UInt64(size), before: end)
        }

        /// The same from the record of 64-bit numbers, which a locator just before the end points to.
        private func wideDirectory(before end: UInt64) throws -> Range<UInt64> {
            let damaged = refused("its end is damaged", at: end)
            guard end >= 20 else { throw damaged }
            var locator = LittleEndianFields(try bytes.read(at: end - 20, count: 20))
            guard locator.next(UInt32.self) == 0x0706_4B50, locator.skip(4), let place = locator.next(UInt64.self)
            else { throw damaged }
            var record = LittleEndianFields(try bytes.read(at: place, count: 56))
            guard record.next(UInt32.self) == 0x0606_4B50, record.skip(36), let size = record.next(UInt64.self),
                let start = record.next(UInt64.self)
            else { throw damaged }
            return try directory(from: start, count: size, before: end)
        }

        private func directory(from start: UInt64, count: UInt64, before end: UInt64) throws -> Range<UInt64> {
            guard start <= end, count <= end - start else {
                throw refused("its directory is said to have \(count) bytes from \(start) on", at: end)
            }
            return start..<start + count
        }

        /// Where an entry's bytes lie: after its local header, whose lengths may differ from the directory's.
        func content(of entry: DirectoryEntry, before limit: UInt64) throws -> Range<UInt64> {
            var header = LittleEndianFields(try bytes.read(at: entry.headerStart, count: 30))
            guard header.next(UInt32.self) == 0x0403_4B50, header.skip(22), let nameCount = header.next(UInt16.self),
                let extraCount = header.next(UInt16.self)
            else { throw refused("\(String(reflecting: entry.name)) has no header", at: entry.headerStart) }
            // The header was read, so it lies within the file.
            let start = entry.headerStart + 30 + UInt64(nameCount) + UInt64(extraCount)
            guard start <= limit, entry.size <= limit - start else {
                throw refused(
                    "\(String(reflecting: entry.name)) is said to have \(entry.size) bytes from \(start) on",
                    at: entry.headerStart)
            }
            return start..<start + entry.size
        }
    }
}
