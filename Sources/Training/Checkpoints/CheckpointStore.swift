import FoundationEssentials
import Models
import Storage
import SystemPackage

/// The checkpoints of a run: `checkpoint-STEP` folders, each a Hugging Face folder with the trainer's state beside it.
///
/// A checkpoint is written under another name and renamed when it is complete. The run's own folder has a copy of the
/// newest model under the same file names, so that it too is a Hugging Face folder. It is not a link, because whoever
/// saves another model there may write into the files that are there.
public struct CheckpointStore: Sendable {
    static let stateName = "trainer_state.json"
    static let optimizerName = "optimizer.safetensors"
    static let momentPrefixes = (first: "first_moment.", second: "second_moment.")
    /// Before the names of parameters that are not the model's.
    static let trainingPrefix = "training."

    public let folder: FilePath
    let model: ModelConfiguration
    /// Where the tokenizer's files are copied from.
    let tokenizer: FilePath
    /// The newest checkpoints, and so many of them, are kept; older ones are removed.
    let keptCount: Int

    public init(_ folder: FilePath, model: ModelConfiguration, tokenizer: FilePath, keptCount: Int) {
        self.folder = folder
        self.model = model
        self.tokenizer = tokenizer
        self.keptCount = max(1, keptCount)
    }

    /// Writes a checkpoint, publishes its model and removes checkpoints that are no longer kept.
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
            // On a full disk the partial folder would take the room that the person makes.
            try? Folder(partial).remove()
            throw error
        }

        try install(partial, as: name)
        try publish(folder.appending(name))
        try discardOld(best: best)
    }

    /// Removes the checkpoints that are no longer kept.
    func discardOld(best: Int?) throws {
        let kept = Set(try names().suffix(keptCount) + (best.map { [Self.name(ofStep: $0)] } ?? []))
        for old in try names() where !kept.contains(old) { try discard(old) }
    }

    private func write(_ snapshot: CheckpointSnapshot, state: [UInt8], to partial: FilePath) throws {
        try Folder(partial).remove()
        // Not those above it: somebody may have moved the run's folder.
        try Folder(partial).make()
        try model.write(to: partial.appending(ModelConfiguration.fileName))
        try snapshot.parameters.write(to: partial.appending(SafetensorsFile.weightsName))
        try HuggingFaceFolder.copyTokenizer(from: tokenizer, to: partial)
        try HuggingFaceFolder.noteLongestSequence(model.encoder.maximumSequenceLength, in: partial)
        let layout = snapshot.parameters.layout
        try ParameterArena.write(
            [
                (snapshot.firstMoment, layout.tensors[...], Self.momentPrefixes.first),
                (snapshot.secondMoment, layout.tensors[...], Self.momentPrefixes.second),
                (snapshot.parameters, layout.trainingTensors, Self.trainingPrefix),
            ], to: partial.appending(Self.optimizerName))
        try DurableFile.write(state, to: partial.appending(Self.stateName))
        try FileDigests(of: partial).write()
    }

    /// Gives the run's folder the model of a checkpoint. A run that was killed between the two has not done so.
    ///
    /// Folders in it are somebody else's: tools that upload or open models leave some.
    func publish(_ checkpoint: FilePath) throws {
        let own = [Self.stateName, Self.optimizerName, FileDigests.fileName]
        for name in try Folder(checkpoint).names()
        where !own.contains(name) && !Folder(checkpoint.appending(name)).exists {
            try Folder(folder).copy(checkpoint.appending(name))
        }
    }
}
