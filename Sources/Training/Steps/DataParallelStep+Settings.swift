import Models
import Ranks

extension DataParallelStep {
    /// The steps of a run.
    ///
    /// - Parameter longestSequence: tokens.
    /// - Precondition: the lanes can be shared out among the ranks (`Transport.share(ofLanes:)`).
    public convenience init(
        _ objective: Task, parameters: ParameterArena, settings: TrainingSettings, ranks: any Transport,
        longestSequence: Int
    ) {
        self.init(
            objective, parameters: parameters, threads: settings.threads, lanes: settings.lanes, ranks: ranks,
            longestSequence: longestSequence, optimizer: settings.optimizer,
            gradientNormLimit: settings.gradientNormLimit, seed: settings.seed)
    }
}
