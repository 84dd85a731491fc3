import Storage

/// The arguments as the system hands them over: bytes.
enum CommandLineBytes {
    /// Refuses an argument that is not UTF-8. Swift replaces its bad bytes, so that a path would lead to another file.
    static func requireUTF8() throws {
        for index in 0..<Int(CommandLine.argc) {
            guard let argument = CommandLine.unsafeArgv[index] else { continue }
            if String(validatingCString: argument) == nil {
                throw NotUTF8(number: index, text: String(cString: argument))
            }
        }
    }

    private struct NotUTF8: ExplainedError {
        let number: Int
        /// With replacement characters.
        let text: String

        var blame: Blame { .usage }
        var problem: String { "argument \(number) is not UTF-8 (\(text))" }
        var location: ErrorLocation? { nil }
        var remedy: String { "Rename the file, or give it a link whose name is UTF-8" }
    }
}
