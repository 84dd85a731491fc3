import Models
import Ranks
import Storage
import SystemPackage

extension CheckpointStore {
    /// ``stateBefore(_:summary:report:)`` for all ranks of a run. The first one reads the folder, and it alone gets the checkpoint;
    /// all get the summary.
    public func stateBefore<Summary: RunSummary>(
        _ steps: Int, summary type: Summary.Type, on ranks: some Transport, report: (TrainingEvent) -> Void
    ) throws -> (Checkpoint?, finished: Summary?) {
        let (checkpoint, finished) = try ranks.together {
            ranks.isFirst ? try stateBefore(steps, summary: type, report: report) : (nil, nil)
        }
        return (checkpoint, try ranks.sharing(finished))
    }

    /// How a run of so many steps finds its folder: with the checkpoint to go on from, and the summary if it is finished.
    ///
    /// The model of a finished run stays, also if somebody removed its checkpoints to save room. If such a run gets more
    /// steps, it makes the lost ones again.
    ///
    /// - Throws: ``TrainingError`` if such a run gets fewer steps, or if all checkpoints are damaged.
    private func stateBefore<Summary: RunSummary>(
        _ steps: Int, summary type: Summary.Type, report: (TrainingEvent) -> Void
    ) throws -> (Checkpoint?, finished: Summary?) {
        try requireNoFewer(steps: steps, summary: type)
        let summary = try SummaryFile.read(type, from: folder)
        if let summary, summary.steps == steps, try newestStep().map({ $0 < steps }) ?? true {
            if try hasModel() { return (nil, summary) }
            if try names().isEmpty { report(.damagedModel) }
        }
        let checkpoint = try newest(finishedSteps: summary?.steps) { report(.damagedCheckpoints($0, used: $1)) }
        if let state = checkpoint?.state, state.step == steps, state.totalSteps == steps, summary?.steps == steps {
            return (checkpoint, summary)
        }
        // A process that was killed after a checkpoint may have left one too many.
        if let checkpoint { try discardOld(best: checkpoint.state.best?.step) }
        return (checkpoint, nil)
    }

    /// Whether the folder has a model whose file is whole. A file that cannot be opened may be.
    private func hasModel() throws -> Bool {
        guard Folder(folder).contains(SafetensorsFile.weightsName) else { return false }
        do {
            _ = try SafetensorsFile(folder.appending(SafetensorsFile.weightsName))
            return true
        } catch is ModelError {
            return false
        }
    }

    /// Refuses fewer steps than the folder's run has, and changes nothing. A damaged checkpoint is left to
    /// ``stateBefore(_:summary:on:report:)``.
    public func requireNoFewer<Summary: RunSummary>(steps: Int, summary type: Summary.Type) throws {
        guard Folder(folder).exists else { return }
        let state = try names().last.flatMap { try? Self.state(of: folder.appending($0)).0 }
        let before = max(state?.totalSteps ?? 0, try SummaryFile.read(type, from: folder)?.steps ?? 0)
        if steps < before { throw TrainingError(.fewerSteps(before: before, now: steps), folder) }
    }
}
