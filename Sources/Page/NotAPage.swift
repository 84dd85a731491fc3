import Storage
import SystemPackage

/// A page was to be written where another file is.
public struct NotAPage: ExplainedError, Hashable {
    /// The subcommand whose pages may be replaced.
    public let command: String
    public let path: FilePath

    public var blame: Blame { .usage }
    public var location: ErrorLocation? { ErrorLocation(file: path.string) }
    public var problem: String { "there is a file already, which is not a page of \(command); it is kept" }
    public var remedy: String { "Name another file, or remove this one" }
}
