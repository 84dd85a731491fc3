/// How people are told how far a long piece of work is.
package enum ProgressStyle: String, CaseIterable, Sendable {
    /// A bar on a terminal. Elsewhere plain lines, and none where the work takes a few seconds only.
    case auto
    /// Plain lines: one after a few seconds, one a minute, one at the end.
    case plain
    /// A bar that redraws itself in place.
    case bar
    case none
}
