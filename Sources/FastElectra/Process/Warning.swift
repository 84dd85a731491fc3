import Terminal

/// What a person should know although the work goes on.
enum Warning {
    /// Prints a line on standard error; `message` is one or more sentences, without the last full stop.
    static func show(_ message: String) {
        TerminalDevice.standardError.write("fast-electra: warning: \(message.printable).\n")
    }
}
