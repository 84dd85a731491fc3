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

    /// What tells one corpus from another: names, sizes, and a hash of all contents in order. Reading it all again takes a
    /// second a gigabyte; a time of modification would be quicker, and wrong where files are copied or restored.
    static func fingerprint(of files: [FilePath]) throws -> String {
        var digests: [UInt8] = []
        for path in files {
            digests += try Fingerprint.hexadecimal(ofFiles: [path]).utf8
            try Interruption.check()
        }
        let named = try files.prefix(3).map { path in
            "\(path.lastComponent?.string ?? path.string) (\(try RandomAccessFile(path).count) bytes)"
        }
        let others = files.count > named.count ? ["\(files.count - named.count) more"] : []
        return (named + others).joined(separator: ", ") + ", SHA-256 "
            + Fingerprint.hexadecimal(of: digests).prefix(16)
    }
}

extension FilePath: @retroactive ExpressibleByArgument {
    public init?(argument: String) {
        guard !argument.isEmpty else { return nil }
        self.init(argument)
    }
}
