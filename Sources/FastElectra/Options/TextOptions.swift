import ArgumentParser
import Fingerprints
import Storage
import SystemPackage

/// The text to read.
struct TextOptions: ParsableArguments {
    @Option(
        parsing: .upToNextOption, help: ArgumentHelp("UTF-8 text; a document ends at a blank line.", valueName: "file"),
        completion: .file())
    var text: [FilePath]

    func fingerprint() throws -> String { try Self.fingerprint(of: text) }

    /// What tells one corpus from another: a hash of all contents in order, and for people how much it is. Reading it all again
    /// takes a second a gigabyte; a time of modification would be quicker, and wrong where files are copied or restored.
    static func fingerprint(of files: [FilePath]) throws -> String {
        var digests: [UInt8] = []
        for path in files {
            digests += try Fingerprint.hexadecimal(ofFiles: [path]).utf8
            try Interruption.check()
        }
        let bytes = try files.reduce(0) { try $0 + RandomAccessFile($1).count }
        return "\(files.count) \(files.count == 1 ? "file" : "files") of \(bytes) bytes, SHA-256 "
            + Fingerprint.hexadecimal(of: digests).prefix(16)
    }
}

extension FilePath: @retroactive ExpressibleByArgument {
    public init?(argument: String) {
        guard !argument.isEmpty else { return nil }
        self.init(argument)
    }
}
