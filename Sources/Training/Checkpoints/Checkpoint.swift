import FoundationEssentials
import Models
import Storage
import SystemPackage

/// A checkpoint that was found whole.
public struct Checkpoint: Sendable {
    public let folder: FilePath
    /// How far the run is at this checkpoint.
    public let state: RunState
    /// `trainer_state.json`
    fileprivate let contents: [UInt8]

    /// Reads parameters and the optimizer's moments.
    func restore(_ parameters: ParameterArena, _ optimizer: AdamW) throws {
        let layout = parameters.layout
        try parameters.readAll(
            layout.modelTensors, from: SafetensorsFile(folder.appending(SafetensorsFile.weightsName)))
        let moments = try SafetensorsFile(folder.appending(CheckpointStore.optimizerName))
        try parameters.readAll(layout.trainingTensors, from: moments, prefix: CheckpointStore.trainingPrefix)
        try optimizer.firstMoment.readAll(from: moments, prefix: CheckpointStore.momentPrefixes.first)
        try optimizer.secondMoment.readAll(from: moments, prefix: CheckpointStore.momentPrefixes.second)
    }

    /// The state that a trainer saved besides its ``RunState``.
    func trainerState<State: Decodable>(as type: State.Type) throws -> State {
        try CheckpointStore.decode(type, contents, of: folder)
    }
}

/// The reason why a checkpoint cannot be used.
public struct CheckpointDamage: Sendable, Hashable {
    /// The checkpoint's folder in the run's.
    public let name: String
    public let detail: String
}

extension CheckpointStore {
    static let requiredFiles = [stateName, optimizerName, SafetensorsFile.weightsName, ModelConfiguration.fileName]

    /// The newest checkpoint whose files are as they were written; `nil` where a run has none yet.
    ///
    /// Its model is published again. Newer checkpoints that are damaged are renamed `checkpoint-STEP.damaged`.
    ///
    /// - Parameters:
    ///   - finishedSteps: of the run that the folder's summary tells of, if there is one.
    ///   - report: receives the damaged checkpoints, and the name of the one that is used instead.
    /// - Throws: ``TrainingError`` where all are damaged.
    func newest(
        finishedSteps: Int?, report: ([CheckpointDamage], _ used: String) -> Void
    ) throws -> Checkpoint? {
        try removeLeftovers()
        var damages: [CheckpointDamage] = []
        for name in try names().reversed() {
            let path = folder.appending(name)
            if let detail = try FileDigests.damage(of: path) {
                damages.append(CheckpointDamage(name: name, detail: detail))
                continue
            }
            let (state, contents) = try Self.state(of: path)
            // Its model takes the place of the one that the summary tells of.
            if !damages.isEmpty || state.step < finishedSteps ?? 0 { try SummaryFile.remove(from: folder) }
            for damage in damages {
                let aside = Folder(folder.appending(damage.name + Self.damagedSuffix))
                try aside.remove()
                try Folder(folder.appending(damage.name)).move(to: aside.path)
            }
            try publish(path)
            if !damages.isEmpty { report(damages, name) }
            return Checkpoint(folder: path, state: state, contents: contents)
        }
        if !damages.isEmpty { throw TrainingError(.damagedCheckpoints(damages), folder) }
        return nil
    }

    /// The state beside a checkpoint, and its bytes. The checkpoint's other files are not looked at.
    static func state(of checkpoint: FilePath) throws -> (RunState, contents: [UInt8]) {
        let contents = try RandomAccessFile.contents(of: checkpoint.appending(stateName))
        _ = try decode(BoundedNumbers.self, contents, of: checkpoint)
        let state = try decode(RunPart.self, contents, of: checkpoint).run
        guard state.isPlausible else { throw TrainingError(.malformedState("it counts impossible steps"), checkpoint) }
        return (state, contents)
    }

    fileprivate static func decode<State: Decodable>(
        _ type: State.Type, _ contents: [UInt8], of checkpoint: FilePath
    ) throws -> State {
        do {
            return try JSONDecoder().decode(type, from: Data(contents))
        } catch {
            throw TrainingError(.malformedState(words(of: error)), checkpoint)
        }
    }

    private struct RunPart: Decodable {
        let run: RunState
    }
}
