import ArgumentParser
import SystemPackage

/// The text to read.
struct TextOptions: ParsableArguments {
    @Option(
        parsing: .upToNextOption, help: ArgumentHelp("UTF-8 text; a document ends at a blank line.", valueName: "file"),
        completion: .file())
    var text: [FilePath]
}

extension FilePath: @retroactive ExpressibleByArgument {
    public init?(argument: String) {
        guard !argument.isEmpty else { return nil }
        self.init(argument)
    }
}
