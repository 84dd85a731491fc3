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
    private static let momentPrefixes = (first: "first_moment.", second: "second_moment.")

    public let folder: FilePath
    /// Older checkpoints are removed.
    let keptCount = 2
    let model: ModelConfiguration
    /// Where the tokeniser's files are copied from.
    let tokenizer: FilePath

    public init(_ folder: FilePath, model: ModelConfiguration, tokenizer: FilePath) {
        self.folder = folder
        self.model = model
        self.tokenizer = tokenizer
    }

    /// Reads parameters, moments and state of the newest checkpoint, if there is one.
    func restore(_ parameters: ParameterArena, _ optimizer: AdamW) throws -> RunState? {
        guard let newest = try names().last else { return nil }
        let checkpoint = folder.appending(newest)
        try parameters.readAll(from: SafetensorsFile(checkpoint.appending(SafetensorsFile.weightsName)))
        let moments = try SafetensorsFile(checkpoint.appending(Self.optimizerName))
        try optimizer.firstMoment.readAll(from: moments, prefix: Self.momentPrefixes.first)
        try optimizer.secondMoment.readAll(from: moments, prefix: Self.momentPrefixes.second)
        return try readState(of: checkpoint)
    }

    /// The state of the newest checkpoint, without its weights. Its model is published again: a run that was killed
    /// between the two has not done so.
    public func newestState() throws -> RunState? {
        guard let newest = try names().last else { return nil }
        try publish(folder.appending(newest))
        return try readState(of: folder.appending(newest))
    }

    private func readState(of checkpoint: FilePath) throws -> RunState {
        let path = checkpoint.appending(Self.stateName)
        do {
            return try JSONDecoder().decode(RunState.self, from: Data(try RandomAccessFile.contents(of: path)))
        } catch let error as FileError {
            throw error
        } catch {
            throw TrainingError(.malformedState(words(of: error)), checkpoint)
        }
    }

    func save(_ parameters: ParameterArena, _ optimizer: AdamW, _ state: RunState) throws {
        let digits = String(state.step)
        let name = Self.prefix + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
        let partial = folder.appending(name + ".partial")
        try Folder(partial).remove()
        try Folder(partial).create()
        try model.write(to: partial.appending(ModelConfiguration.fileName))
        try parameters.write(to: partial.appending(SafetensorsFile.weightsName))
        try HuggingFaceFolder.copyTokenizer(from: tokenizer, to: partial)
        try ParameterArena.write(
            [
                (arena: optimizer.firstMoment, prefix: Self.momentPrefixes.first),
                (arena: optimizer.secondMoment, prefix: Self.momentPrefixes.second),
            ], to: partial.appending(Self.optimizerName))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try DurableFile.write(
            Array(encoder.encode(state)) + [UInt8(ascii: "\n")], to: partial.appending(Self.stateName))

        let checkpoint = folder.appending(name)
        try Folder(checkpoint).remove()
        try Folder(partial).move(to: checkpoint)
        try publish(checkpoint)
        for old in try names().dropLast(keptCount) { try Folder(folder.appending(old)).remove() }
    }

    /// Gives the run's folder the files of a checkpoint.
    private func publish(_ checkpoint: FilePath) throws {
        for name in try Folder(checkpoint).names() where name != Self.stateName && name != Self.optimizerName {
            try Folder(folder).link(checkpoint.appending(name), as: name)
        }
    }

    /// Complete checkpoints, oldest first. Folders that a person named otherwise are left alone.
    private func names() throws -> [String] {
        let numbered = try Folder(folder).names().compactMap { name -> (step: Int, name: String)? in
            guard name.hasPrefix(Self.prefix), let step = Int(name.dropFirst(Self.prefix.count)) else { return nil }
            return (step, name)
        }
        return numbered.sorted { $0.step < $1.step }.map(\.name)
    }
}
