import ArgumentParser
import Storage
import SystemPackage

/// The text to read.
struct TextOptions: ParsableArguments {
    @Option(
        parsing: .upToNextOption, help: ArgumentHelp("UTF-8 text; a document ends at a blank line.", valueName: "file"),
        completion: .file())
    var text: [FilePath]

    func fingerprint() throws -> String { try Self.fingerprint(of: text) }

    /// The files by name and size: what tells one corpus from another without reading it.
    static func fingerprint(of files: [FilePath]) throws -> String {
        try files.map { path in
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
