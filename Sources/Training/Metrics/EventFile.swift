import FoundationEssentials
import Storage
import SystemPackage

/// The scalars of a run for TensorBoard: one events file in the run's folder, however often the run is continued.
///
/// Records are framed as TFRecords. After a resume a record says where the run takes over, and TensorBoard drops the points
/// from there on that came before that record.
struct EventFile: Sendable {
    private static let prefix = "events.out.tfevents."

    private let file: AppendedFile

    /// - Parameter step: updates done when the run is started.
    init(in folder: FilePath, continuingAfter step: Int) throws {
        let now = Date().timeIntervalSince1970
        let present = try Folder(folder).names().last(where: Self.isOwn)
        let process = ProcessInfo.processInfo.processIdentifier
        let path = folder.appending(present ?? "\(Self.prefix)\(UInt64(now)).\(process)")
        // A kill tears the last record at most. Behind a torn one no reader would find the others.
        let length = present == nil ? 0 : EventRecord.wholeLength(of: try RandomAccessFile.contents(of: path))
        file = try AppendedFile(path)
        try file.cut(to: length)
        if length == 0 { try append(EventMessage(.fileVersion("brain.Event:2"), step: 0, wallTime: now)) }
        try append(EventMessage(.restart, step: step + 1, wallTime: now))
    }

    /// Whether a file has a name that we give: a time and the number of a process. Other programs put their host's name in.
    private static func isOwn(_ name: String) -> Bool {
        guard name.hasPrefix(prefix) else { return false }
        let numbers = name.dropFirst(prefix.count).split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 2 && numbers.allSatisfy { UInt64($0) != nil }
    }

    func append(_ scalars: [String: Double], step: Int) throws {
        try append(EventMessage(.scalars(scalars), step: step, wallTime: Date().timeIntervalSince1970))
    }

    private func append(_ message: EventMessage) throws {
        try file.append(EventRecord.framing(message.bytes))
    }

    func synchronize() throws { try file.synchronize() }

    func close() { file.close() }
}
