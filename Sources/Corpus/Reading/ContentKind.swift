import SystemPackage

/// The kind of a file's content, by its name; `.gz` and `.zst` at its end do not count.
enum ContentKind {
    case jsonLines
    case array
    case text
    /// Columns with tabs between.
    case table
    /// FASTA.
    case records
    case other

    init(of path: FilePath) {
        var name = (path.lastComponent?.string ?? "").lowercased()
        for ending in [".gz", ".zst"] where name.hasSuffix(ending) {
            name.removeLast(ending.count)
            break
        }
        switch name.split(separator: ".", omittingEmptySubsequences: false).dropFirst().last {
        case "jsonl", "ndjson", "json": self = .jsonLines
        case "npy": self = .array
        case "txt": self = .text
        case "tsv": self = .table
        case "fa", "fasta", "fna": self = .records
        default: self = .other
        }
    }
}
