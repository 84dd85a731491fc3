import Storage

/// An option that takes one file or folder is given several times.
struct RepeatedOption: ExplainedError {
    let name: String
    let remedy: String

    var blame: Blame { .usage }
    var problem: String { "'\(name)' is given more than once" }
    var location: ErrorLocation? { nil }
}
