import Storage
import SystemPackage

/// Which folders are checkpoints, and how one takes the name of another.
extension CheckpointStore {
    private static let prefix = "checkpoint-"
    static let partialSuffix = ".partial"
    static let damagedSuffix = ".damaged"
    /// A complete checkpoint whose name another one still has.
    private static let successorSuffix = ".successor"
    private static let condemnedSuffix = ".old" + partialSuffix

    public static func name(ofStep step: Int) -> String {
        let digits = String(step)
        return prefix + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
    }

    /// Complete checkpoints, oldest first. Folders of other names or with other contents belong to somebody else: the
    /// Trainer of transformers writes `checkpoint-500`.
    func names() throws -> [String] {
        let numbered = try Folder(folder).names().compactMap { name -> (step: Int, name: String)? in
            guard let step = Self.step(of: name), isOwn(name) else { return nil }
            return (step, name)
        }
        return numbered.sorted { $0.step < $1.step }.map(\.name)
    }

    /// Of the complete checkpoints.
    func newestStep() throws -> Int? { try names().last.flatMap(Self.step(of:)) }

    /// The step of a name that ``name(ofStep:)`` gives.
    private static func step(of name: some StringProtocol) -> Int? {
        guard name.hasPrefix(prefix), let step = Int(name.dropFirst(prefix.count)), self.name(ofStep: step) == name
        else { return nil }
        return step
    }

    /// Whether a folder has one of the files that only we write: damage may have taken the other.
    private func isOwn(_ name: String) -> Bool {
        [FileDigests.fileName, Self.optimizerName].contains(where: Folder(folder.appending(name)).contains)
    }

    /// Gives a complete checkpoint its name.
    ///
    /// Where another one has the name already, it keeps it until the new one is complete under a name of its own. A kill
    /// leaves at least one of them, and ``removeLeftovers()`` brings the replacement to its end.
    func install(_ partial: FilePath, as name: String) throws {
        guard Folder(folder).contains(name) else { return try Folder(partial).move(to: folder.appending(name)) }
        try Folder(partial).move(to: folder.appending(name + Self.successorSuffix))
        try replaceBySuccessor(name)
    }

    private func replaceBySuccessor(_ name: String) throws {
        try discard(name)
        try Folder(folder.appending(name + Self.successorSuffix)).move(to: folder.appending(name))
    }

    /// Removes checkpoints that killed processes left half written or half removed, and completes those that they left
    /// half replaced.
    func removeLeftovers() throws {
        for name in try Folder(folder).names() {
            guard let dot = name.firstIndex(of: "."), Self.step(of: name[..<dot]) != nil else { continue }
            switch name[dot...] {
            case Self.partialSuffix, Self.condemnedSuffix: try Folder(folder.appending(name)).remove()
            case Self.successorSuffix: try replaceBySuccessor(String(name[..<dot]))
            default: break
            }
        }
    }

    /// Removes a checkpoint, so that a kill on the way leaves all of it or none.
    func discard(_ name: String) throws {
        guard isOwn(name) else { return }
        let condemned = folder.appending(name + Self.condemnedSuffix)
        try Folder(condemned).remove()
        try Folder(folder.appending(name)).move(to: condemned)
        try Folder(condemned).remove()
    }
}
