import SystemPackage

/// Files under the name of where they come from: a language, a corpus.
public struct CorpusSource: Sendable, Hashable {
    /// Empty where nobody gave it a name.
    public let name: String
    public let files: [FilePath]

    public init(name: String = "", files: [FilePath]) {
        self.name = name
        self.files = files
    }
}
