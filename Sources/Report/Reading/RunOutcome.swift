import JSON
import Storage
import SystemPackage

/// `summary.json`, read again: the result of a finished run. Figures that are not there are `nil`.
public struct RunOutcome: Sendable, Hashable {
    static let fileName = "summary.json"

    public let steps: Int
    public let tokens: Int?
    public let seconds: Double?
    public let parameters: Int?
    /// All held-out sequences at each temperature: figures by name.
    public let evaluations: [[String: Double]]
    /// The folder of the checkpoint that did best on held-out sequences.
    public let bestPath: String?
    /// Whether the run was given more steps than it was begun with.
    public let wasExtended: Bool

    /// - Returns: `nil` where there is no summary, or one that cannot be read: the run itself treats both alike.
    init?(in folder: FilePath) throws {
        guard Folder(folder).contains(Self.fileName) else { return nil }
        let bytes = try RandomAccessFile.contents(of: folder.appending(Self.fileName))
        guard let json = try? JSONValue(parsing: bytes), let steps = json["steps"]?.integer else { return nil }
        self.steps = steps
        tokens = json["tokens"]?.integer
        seconds = json["seconds"]?.double
        parameters = json["parameters"]?.integer
        evaluations = (json["evaluations"]?.elements ?? []).map { evaluation in
            (evaluation.members ?? []).reduce(into: [:]) { figures, member in
                if let value = member.value.double, value.isFinite { figures[member.name] = value }
            }
        }
        bestPath = json["best"]?["path"]?.text
        wasExtended = json["extensions"]?.elements?.isEmpty == false
    }
}
