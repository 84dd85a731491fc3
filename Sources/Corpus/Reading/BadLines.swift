/// The treatment of bad lines of JSON.
///
/// A line is bad if it is not a JSON object, lacks the member that is read, or is longer than any document. Ids that the
/// vocabulary does not have do not concern one line alone: they always end the reading.
public enum BadLines: String, Sendable, CaseIterable {
    /// It ends the reading with an error.
    case stop
    /// It is counted and left out.
    case skip
}
