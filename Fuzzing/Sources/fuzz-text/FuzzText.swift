import Corpus
import Foundation
import FuzzDriver
import SystemPackage

/// Any bytes as FASTA, text, JSON lines and pairs, plain or compressed. A refusal must be an error, and reading on behind a sequence must
/// give the same as reading from the start.
@main
enum FuzzText {
    private static let file = MemoryFile("fuzz-text")
    private static let inputs: [CorpusInput] = {
        do { return try makeInputs() } catch { fatalError("the fuzzer cannot begin: \(error)") }
    }()
    private static let maxLength = 8

    static func main() {
        _ = inputs
        Fuzzer.run { data, count in
            guard let data, count > 0 else { return 0 }
            FuzzText.file.write(UnsafeRawBufferPointer(start: data + 1, count: count - 1))
            FuzzText.read(FuzzText.inputs[Int(data[0]) % FuzzText.inputs.count])
            return 0
        }
    }

    /// The same bytes under names that tell their content.
    private static func makeInputs() throws -> [CorpusInput] {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fuzz-text-\(getpid())")
        let tokenizer = FilePath(folder.appendingPathComponent("tokenizer").path)
        try FileManager.default.createDirectory(atPath: tokenizer.string, withIntermediateDirectories: true)
        try NucleotideVocabulary(otherLetters: "N").tokenizer().write(to: tokenizer)
        func name(_ name: String) throws -> FilePath {
            let link = folder.appendingPathComponent(name).path
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: file.path.string)
            return FilePath(link)
        }
        let (fasta, text) = (CorpusSource(files: [try name("a.fa")]), CorpusSource(files: [try name("b.txt")]))
        let (objects, pairs) = (CorpusSource(files: [try name("c.jsonl")]), CorpusSource(files: [try name("d.tsv")]))
        return [
            try .text(from: [fasta], tokenizer: tokenizer), try .text(from: [fasta], tokenizer: tokenizer, overlap: 3),
            try .text(from: [fasta, text], tokenizer: tokenizer, overlap: 5),
            try .text(from: [text], tokenizer: tokenizer),
            try .text(from: [objects], tokenizer: tokenizer, badLines: .skip),
            try .pairs(from: [pairs], tokenizer: tokenizer, badLines: .skip),
        ]
    }

    private static func read(_ input: CorpusInput) {
        var sequences: [TokenSequence] = []
        var positions: [SequencePosition?] = []
        do {
            var source = try input.sequences(maxLength: maxLength)
            while let sequence = try source.next() {
                sequences.append(sequence)
                positions.append(source.position)
            }
        } catch { return }
        precondition(sequences.allSatisfy { 2...maxLength ~= $0.tokens.count })
        guard let position = positions[safe: sequences.count / 2] ?? nil else { return }
        do {
            var rest = try input.sequences(maxLength: maxLength, behind: position)
            for sequence in sequences[(sequences.count / 2 + 1)...] {
                let next = try rest.next()
                precondition(next == sequence, "reading on gives another sequence")
            }
            let end = try rest.next()
            precondition(end == nil, "reading on gives more")
        } catch {
            preconditionFailure("reading on fails: \(error)")
        }
    }
}

extension Array {
    fileprivate subscript(safe index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
