import ArgumentParser
import KernelChoice
import Storage
import Terminal

/// Thrown by a command that stopped because it was asked to, after it saved its work.
struct Interrupted: Error {}

/// How a command that did not finish ends: a message on standard error and an exit code.
struct Failure {
    /// The exit codes of the process, for scripts.
    enum Status: Int32 {
        case failed = 1
        case usage = 64
        case badData = 65
        case interrupted = 130
    }

    private let error: any Error
    private let command: (any ParsableCommand.Type)?

    /// - Parameter command: that found the error when it ran. While it parses, the parser knows it.
    init(_ error: any Error, of command: (any ParsableCommand.Type)? = nil) {
        self.error = error
        self.command = command
    }

    /// Prints the message and ends the process.
    func end() -> Never {
        switch error {
        case is Interrupted, is CancellationError:
            let purpose = Invocation.continues ? "continue" : "begin anew"
            end(.interrupted, "interrupted. Run the same command again to \(purpose)")
        case let error as any ExplainedError:
            let status: Status =
                switch error.blame {
                case .data: .badData
                case .environment: .failed
                case .usage: .usage
                }
            end(status, error.wordedForCommandLine)
        case let error as KernelError:
            end(.usage, error.description + ".")
        default:
            endAsParser()
        }
    }

    /// Help and version asked for, a command line that makes no sense, and errors that nobody explained.
    private func endAsParser() -> Never {
        let code = FastElectra.exitCode(for: error)
        if code == .success { FastElectra.exit(withError: error) }
        var message = FastElectra.fullMessage(for: error)
        if let command, let error = error as? ValidationError {
            message =
                "\(error.message)\nUsage: \(FastElectra.usageString(for: command))\n  See 'fast-electra"
                + " \(command.configuration.commandName ?? "") --help' for more information."
        }
        if message.hasPrefix("Error: ") { message.removeFirst("Error: ".count) }
        if code == .validationFailure, let file = Invocation.configuration {
            message += "\nThe options in \(file) count as part of the command line."
        }
        end(code == .validationFailure ? .usage : .failed, message)
    }

    private func end(_ status: Status, _ message: String) -> Never {
        if let message = Job.words(of: error, message) { Self.print(message) }
        Job.leave(error, status: status.rawValue)
        FastElectra.exit(withError: ExitCode(status.rawValue))
    }

    private static func print(_ message: String) {
        TerminalDevice.standardError.write(Message("fast-electra: error: \(message)"))
    }
}
