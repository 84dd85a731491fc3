import Encoder
import FoundationEssentials
import Storage
import SystemPackage

/// The checkpoints of a run: `checkpoint-STEP` folders, each a Hugging Face folder with the trainer's state beside it.
///
/// A checkpoint is written under another name and renamed when it is complete. The run's own folder has the newest
/// model under the same file names (hard links), so that it too is a Hugging Face folder.
public struct CheckpointStore: Sendable {
    private static let prefix = "checkpoint-"
    static let stateName = "trainer_state.json"
    static let optimizerName = "optimizer.safetensors"
    static let momentPrefixes = (first: "first_moment.", second: "second_moment.")
    private static let partialSuffix = ".partial"
    static let damagedSuffix = ".damaged"

    public let folder: FilePath
    let model: ModelConfiguration
    /// Where the tokeniser's files are copied from.
    let tokenizer: FilePath
    /// The newest checkpoints, and so many of them, are kept; older ones are removed.
    let keptCount: Int

    public init(_ folder: FilePath, model: ModelConfiguration, tokenizer: FilePath, keptCount: Int) {
        self.folder = folder
        self.model = model
        self.tokenizer = tokenizer
        self.keptCount = max(1, keptCount)
    }

    public static func name(ofStep step: Int) -> String {
        let digits = String(step)
        return prefix + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
    }

    /// Writes a checkpoint, publishes its model and removes what is no longer kept.
    ///
    /// - Parameters:
    ///   - state: the trainer's, as JSON.
    ///   - best: the step of a checkpoint to keep besides the newest.
    func save(_ snapshot: CheckpointSnapshot, state: [UInt8], step: Int, best: Int?) throws {
        let name = Self.name(ofStep: step)
        let partial = folder.appending(name + Self.partialSuffix)
        do {
            try write(snapshot, state: state, to: partial)
        } catch {
            // On a full disk it would take the room of what the person makes space for.
            try? Folder(partial).remove()
            throw error
        }

        try discard(name)
        let checkpoint = folder.appending(name)
        try Folder(partial).move(to: checkpoint)
        try publish(checkpoint)
        let kept = Set(try names().suffix(keptCount) + (best.map { [Self.name(ofStep: $0)] } ?? []))
        for old in try names() where !kept.contains(old) { try discard(old) }
    }

    private func write(_ snapshot: CheckpointSnapshot, state: [UInt8], to partial: FilePath) throws {
        try Folder(partial).remove()
        try Folder(partial).create()
        try model.write(to: partial.appending(ModelConfiguration.fileName))
        try snapshot.parameters.write(to: partial.appending(SafetensorsFile.weightsName))
        try HuggingFaceFolder.copyTokenizer(from: tokenizer, to: partial)
        try ParameterArena.write(
            [
                (arena: snapshot.firstMoment, prefix: Self.momentPrefixes.first),
                (arena: snapshot.secondMoment, prefix: Self.momentPrefixes.second),
            ], to: partial.appending(Self.optimizerName))
        try DurableFile.write(state, to: partial.appending(Self.stateName))
        try FileDigests(of: partial).write()
    }

    /// Gives the run's folder the model of a checkpoint. A run that was killed between the two has not done so.
    func publish(_ checkpoint: FilePath) throws {
        let own = [Self.stateName, Self.optimizerName, FileDigests.fileName]
        for name in try Folder(checkpoint).names() where !own.contains(name) {
            try Folder(folder).link(checkpoint.appending(name), as: name)
        }
    }

    /// Complete checkpoints, oldest first. Folders that a person named otherwise are left alone.
    func names() throws -> [String] {
        let numbered = try Folder(folder).names().compactMap { name -> (step: Int, name: String)? in
            guard name.hasPrefix(Self.prefix), let step = Int(name.dropFirst(Self.prefix.count)) else { return nil }
            return (step, name)
        }
        return numbered.sorted { $0.step < $1.step }.map(\.name)
    }

    /// Removes what killed processes left half written or half removed.
    func removeLeftovers() throws {
        for name in try Folder(folder).names() where name.hasPrefix(Self.prefix) {
            let parts = name.dropFirst(Self.prefix.count).split(separator: ".", maxSplits: 1)
            guard parts.count == 2, Int(parts[0]) != nil, ["partial", "old.partial"].contains(parts[1]) else {
                continue
            }
            try Folder(folder.appending(name)).remove()
        }
    }

    /// Removes a checkpoint, so that a kill on the way leaves all of it or none.
    private func discard(_ name: String) throws {
        guard Folder(folder).contains(name) else { return }
        let condemned = folder.appending(name + ".old" + Self.partialSuffix)
        try Folder(condemned).remove()
        try Folder(folder.appending(name)).move(to: condemned)
        try Folder(condemned).remove()
    }
}
