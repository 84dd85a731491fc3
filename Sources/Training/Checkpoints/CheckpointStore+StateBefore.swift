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
            ranks.isFirst
                ? try stateBefore(steps, summary: type) { report(.damagedCheckpoints($0, used: $1)) } : (nil, nil)
        }
        return (checkpoint, try ranks.sharing(finished))
    }

    /// How a run of so many steps finds its folder: with the checkpoint to go on from, and the summary if it is finished.
    ///
    /// The model of a finished run stays, also if somebody removed its checkpoints to save room. If such a run gets more
    /// steps, it makes the lost ones again.
    ///
    /// - Parameter report: as for ``newest(report:)``.
    /// - Throws: ``TrainingError`` if such a run gets fewer steps, or if all checkpoints are damaged.
    private func stateBefore<Summary: RunSummary>(
        _ steps: Int, summary type: Summary.Type, report: ([CheckpointDamage], _ used: String) -> Void
    ) throws -> (Checkpoint?, finished: Summary?) {
        try requireNoFewer(steps: steps, summary: type)
        let summary = try SummaryFile.read(type, from: folder)
        if let summary, summary.steps == steps, hasModel, try newestStep().map({ $0 < steps }) ?? true {
            return (nil, summary)
        }
        let checkpoint = try newest(finishedSteps: summary?.steps, report: report)
        if let state = checkpoint?.state, state.step == steps, state.totalSteps == steps, summary?.steps == steps {
            return (checkpoint, summary)
        }
        // The run goes on, and the next checkpoint has another model than the one that the summary tells of.
        try SummaryFile.remove(from: folder)
        return (checkpoint, nil)
    }

    /// Whether the folder has a model whose file is whole.
    private var hasModel: Bool { (try? SafetensorsFile(folder.appending(SafetensorsFile.weightsName))) != nil }

    /// Refuses fewer steps than the folder's run has, and changes nothing. A damaged checkpoint is left to
    /// ``stateBefore(_:summary:on:report:)``.
    public func requireNoFewer<Summary: RunSummary>(steps: Int, summary type: Summary.Type) throws {
        guard Folder(folder).exists else { return }
        let state = try names().last.flatMap { try? Self.state(of: folder.appending($0)).0 }
        let before = max(state?.totalSteps ?? 0, try SummaryFile.read(type, from: folder)?.steps ?? 0)
        if steps < before { throw TrainingError(.fewerSteps(before: before, now: steps), folder) }
    }
}
