import Dispatch
import Models
import Storage
import Synchronization

/// Writes checkpoints in the background, one at a time.
final class CheckpointWriter: Sendable {
    private let store: CheckpointStore
    private let place: FolderIdentity
    private let snapshot: CheckpointSnapshot
    private let queue = DispatchQueue(label: "checkpoints", qos: .utility)
    private let failure = Mutex<(any Error)?>(nil)

    /// - Throws: `FileError` where the store has no folder yet.
    init(_ store: CheckpointStore, layout: ParameterLayout) throws {
        self.store = store
        place = try FolderIdentity(of: store.folder)
        snapshot = CheckpointSnapshot(layout)
    }

    /// Copies the values that are to be saved and returns. Waits first if the last checkpoint is still being written.
    ///
    /// - Parameter preparation: puts on the disk everything that must be there before the checkpoint. Nothing is written
    ///   into a folder that somebody has put in the place of the run's.
    /// - Throws: the error that kept the last one from being written. One of broken parameters is not written, because it
    ///   would take a good one's place.
    func write(
        _ parameters: ParameterArena, _ optimizer: AdamW, state: [UInt8], step: Int, best: Int?,
        after preparation: @escaping @Sendable () throws -> Void
    ) throws {
        try finish()
        snapshot.take(parameters, optimizer)
        queue.async { [self] in
            do {
                guard snapshot.isFinite else {
                    throw TrainingError(.parametersNotFinite(step: step), store.folder)
                }
                try place.check()
                try place.whileWorking {
                    try preparation()
                    try store.save(snapshot, state: state, step: step, best: best)
                }
            } catch {
                failure.withLock { $0 = error }
            }
        }
    }

    /// Fails if a checkpoint could not be written, or somebody has moved the folder.
    func check() throws {
        try place.check()
        let error = failure.withLock { error in
            defer { error = nil }
            return error
        }
        if let error { throw error }
    }

    /// Waits until all is written.
    func finish() throws {
        queue.sync {}
        try check()
    }
}
