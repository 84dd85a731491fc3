import FoundationEssentials
import Storage
import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The scalars of a run for TensorBoard: an events file in the run's folder, a new one each time the run is started.
///
/// Records are framed as TFRecords. After a resume the new file says where it takes over, and TensorBoard drops the points
/// of earlier files from there on.
struct EventFile: Sendable {
    private let path: FilePath
    private let descriptor: FileDescriptor

    /// - Parameter step: updates done when the run is started.
    init(in folder: FilePath, continuingAfter step: Int) throws {
        let now = Date().timeIntervalSince1970
        // Files are read in the order of their names.
        let process = ProcessInfo.processInfo.processIdentifier
        path = folder.appending("events.out.tfevents.\(UInt64(now)).\(Self.padded(step)).\(process)")
        do {
            descriptor = try FileDescriptor.open(
                path, .writeOnly, options: [.append, .create, .closeOnExec],
                permissions: [.ownerReadWrite, .groupRead, .otherRead])
        } catch let errno as Errno {
            throw FileError(.open, path, errno)
        }
        try append(EventMessage(.fileVersion("brain.Event:2"), step: 0, wallTime: now))
        try append(EventMessage(.restart, step: step + 1, wallTime: now))
    }

    func append(_ scalars: [String: Double], step: Int) throws {
        try append(EventMessage(.scalars(scalars), step: step, wallTime: Date().timeIntervalSince1970))
    }

    /// One write, so that a kill tears at most the last record, which readers ignore.
    private func append(_ message: EventMessage) throws {
        let length = UInt64(message.bytes.count).littleEndianBytes
        let record =
            length + RecordChecksum.masked(length).littleEndianBytes + message.bytes
            + RecordChecksum.masked(message.bytes).littleEndianBytes
        do {
            try descriptor.writeAll(record)
        } catch let errno as Errno {
            throw FileError(.write, path, errno)
        }
    }

    func synchronize() throws {
        if fsync(descriptor.rawValue) != 0 { throw FileError(.synchronize, path, Errno(rawValue: errno)) }
    }

    func close() {
        try? descriptor.close()
    }

    private static func padded(_ step: Int) -> String {
        let digits = String(step)
        return String(repeating: "0", count: max(0, 10 - digits.count)) + digits
    }
}

/// CRC-32C (Castagnoli), masked as TFRecords have it: a checksum of data that holds checksums would be weak.
package enum RecordChecksum {
    package static func masked(_ bytes: [UInt8]) -> UInt32 {
        let check = of(bytes)
        return (check >> 15 | check << 17) &+ 0xA282_EAD8
    }

    package static func of(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(UInt32.max) { register, byte in
            table[Int(UInt8(truncatingIfNeeded: register) ^ byte)] ^ (register >> 8)
        }
    }

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { remainder, _ in
            remainder & 1 == 1 ? 0x82F6_3B78 ^ (remainder >> 1) : remainder >> 1
        }
    }
}
