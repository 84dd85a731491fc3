import Ranks
import Terminal

/// A message about a problem that does not end the work.
enum Warning {
    /// Prints a line on standard error, of several ranks that of the first one; `message` is one or more sentences, without the last full stop.
    static func show(_ message: String) {
        guard Job.ranks.rank == 0 else { return }
        TerminalDevice.standardError.write(Message("fast-electra: warning: \(message)."))
    }
}
