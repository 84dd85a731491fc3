import ArgumentParser
import Format
import Foundation
import Study
import SystemPackage

/// `study`: what `make study` runs.
@main struct StudyProgram: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "study", abstract: "Measure what pre-training is worth, arm by arm.",
        subcommands: [
            RunStudy.self, ReportStudy.self, ChartCommand.self, ShapeCommand.self, JointCommand.self,
            RewriteCommand.truncate, RewriteCommand.unigram,
        ])
}

extension StudySize: ExpressibleByArgument {
    public init?(argument: String) {
        guard let size = Self.all.first(where: { $0.name == argument }) else { return nil }
        self = size
    }

    public static var allValueStrings: [String] { all.map(\.name) }
}
