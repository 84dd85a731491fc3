import ArgumentParser
import Study

/// `study`: the program that `make study` runs.
@main struct StudyProgram: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "study", abstract: "Measure what pre-training is worth, arm by arm.",
        subcommands: [
            RunCommand.self, ReportCommand.self, ChartCommand.self, ShapeCommand.self, JointCommand.self,
            TruncateCommand.self, UnigramCommand.self,
        ])
}

extension StudySize: ExpressibleByArgument {
    public init?(argument: String) {
        guard let size = Self.all.first(where: { $0.name == argument }) else { return nil }
        self = size
    }

    public static var allValueStrings: [String] { all.map(\.name) }
}
