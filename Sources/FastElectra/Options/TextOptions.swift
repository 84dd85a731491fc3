import ArgumentParser
import Storage
import SystemPackage

/// The text to read.
struct TextOptions: ParsableArguments {
    @Option(
        parsing: .upToNextOption, help: ArgumentHelp("UTF-8 text; a document ends at a blank line.", valueName: "file"),
        completion: .file())
    var text: [FilePath]

    /// The files by name and size: what tells one corpus from another without reading it.
    func fingerprint() throws -> String {
        try text.map { path in
            "\(path.lastComponent?.string ?? path.string) (\(try RandomAccessFile(path).count) bytes)"
        }
        .joined(separator: ", ")
    }
}

extension FilePath: @retroactive ExpressibleByArgument {
    public init?(argument: String) {
        guard !argument.isEmpty else { return nil }
        self.init(argument)
    }
}
