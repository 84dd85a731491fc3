import Corpus
import Fingerprints
import Storage
import SystemPackage

/// The files that the command line names for reading, found.
struct NamedInput {
    let content: InputFiles.Content
    let sources: [CorpusSource]
    let badLines: BadLines
    /// Letters that a window of FASTA has in common with the one before it.
    let overlap: Int

    /// The option under which the person knows them.
    var name: String {
        switch content {
        case .text: "--text"
        case .ids: "--ids"
        case .pairs: "--pairs"
        }
    }

    var files: [FilePath] { sources.flatMap(\.files) }

    var hasFASTA: Bool { content == .text && files.contains(where: InputFiles.isFASTA) }

    /// - Parameter names: files, folders and lists, each of which may have the name of a source before it.
    init(_ names: [FilePath], of content: InputFiles.Content, badLines: BadLines, overlap: Int = 0) throws {
        self.content = content
        self.overlap = overlap
        sources = try SourceNames.group(names).map { group in
            CorpusSource(name: group.name, files: try InputFiles.expand(group.names, to: content))
        }
        self.badLines = badLines
    }

    /// - Parameter folder: has the tokenizer, or tells at least the special ids.
    func open(folder: FilePath) throws -> CorpusInput {
        switch content {
        case .text: try .text(from: sources, tokenizer: folder, badLines: badLines, overlap: overlap)
        case .ids: try .ids(from: sources, model: folder, badLines: badLines)
        case .pairs: try .pairs(from: sources, tokenizer: folder, badLines: badLines)
        }
    }

    /// The parameters that decide the data, by the names that the person knows.
    func parameters() throws -> [String: String] {
        let corpus = try sources.map { source in
            let files = try Self.fingerprint(of: source.files)
            return source.name.isEmpty ? files : "\(source.name)=\(files)"
        }
        var parameters = [name: corpus.joined(separator: "; "), "--bad-lines": badLines.rawValue]
        if overlap > 0 { parameters["--overlap"] = "\(overlap)" }
        return parameters
    }

    /// The text that tells one corpus from another: a hash of all contents in order and of how they are read, and the size
    /// for people. Reading it all again takes a second a gigabyte; a time of modification would be quicker, and wrong where
    /// files are copied or restored.
    static func fingerprint(of files: [FilePath]) throws -> String {
        var digests: [UInt8] = []
        for path in files {
            digests += try Fingerprint.hexadecimal(ofFiles: [path]).utf8
            digests += InputFiles.reading(of: path).utf8
            try Interruption.check()
        }
        let bytes = try files.reduce(0) { try $0 + RandomAccessFile($1).count }
        return "\(files.count) \(files.count == 1 ? "file" : "files") of \(bytes) bytes, SHA-256 "
            + Fingerprint.hexadecimal(of: digests).prefix(16)
    }
}
