/// One command of the study: run once, its result kept under its name.
public struct Step: Sendable {
    public enum Program: String, Sendable {
        case fastElectra = "fast-electra"
        case study
        /// `data/fetch-corpus` of the repository.
        case fetchCorpus = "fetch-corpus"
        /// `Experiments/prepare-tasks`.
        case prepareTasks = "prepare-tasks"
    }

    public var name: String
    public var program: Program
    /// Paths are relative to the study's working folder.
    public var arguments: [String]
    public var environment: [String: String] = [:]
    /// Steps that come before.
    public var needs: [String] = []
    /// A file or folder that later steps read.
    public var output: String?
    /// A folder that nobody needs once the result is known.
    public var scratch: String?

    package init(
        name: String, program: Program, arguments: [String], environment: [String: String] = [:], needs: [String] = [],
        output: String? = nil, scratch: String? = nil
    ) {
        (self.name, self.program, self.arguments) = (name, program, arguments)
        (self.environment, self.needs) = (environment, needs)
        (self.output, self.scratch) = (output, scratch)
    }
}
