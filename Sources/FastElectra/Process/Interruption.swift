import CLibrary
import Synchronization
import Terminal

/// Ctrl-C, SIGTERM and SIGHUP as a wish that the work can hear.
///
/// The first signal asks: the library polls ``isRequested`` between two steps, saves and returns. The second Ctrl-C or SIGTERM leaves at
/// once. SIGHUP never counts: when a terminal goes away, both the kernel and the shell may send it, and of signals that arrive
/// together the kernel delivers it first.
enum Interruption {
    private static let request = Atomic<Bool>(false)
    /// By Ctrl-C or SIGTERM.
    private static let isAsked = Atomic<Bool>(false)
    private static let hasAudience = TerminalDevice.standardError.isTerminal

    /// To be handed to the library: whether the person wants to stop.
    static let isRequested: @Sendable () -> Bool = { request.load(ordering: .relaxed) }

    /// Starts to listen. To be called first thing in a command that has something to save; others just end.
    static func listen() {
        // The variables that the handler reads are initialized here, because a handler must not lock or allocate.
        _ = (request.load(ordering: .relaxed), isAsked.load(ordering: .relaxed), hasAudience)
        for stop in [SIGINT, SIGTERM, SIGHUP] {
            // A signal that was ignored from the start (nohup, a job in the background) stays so.
            let previous = signal(stop, handle)
            if unsafeBitCast(previous, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) { signal(stop, SIG_IGN) }
        }
        // A program started from a thread that blocks signals (a test runner's, a thread pool's) inherits the block.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGINT)
        sigaddset(&signals, SIGTERM)
        sigaddset(&signals, SIGHUP)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }

    /// Ends the command with exit code 130 if it was asked to stop. To be called when the library has returned.
    static func check() throws {
        if isRequested() { throw Interrupted() }
    }

    private static let handle: @convention(c) (Int32) -> Void = { signal in
        request.store(true, ordering: .relaxed)
        let isRepeated = signal != SIGHUP && isAsked.exchange(true, ordering: .relaxed)
        if isRepeated { _exit(Failure.Status.interrupted.rawValue) }
        let interrupted = errno
        defer { errno = interrupted }
        let message: StaticString = "\nStopping after this step; once more to leave at once.\n"
        if hasAudience { _ = write(STDERR_FILENO, message.utf8Start, message.utf8CodeUnitCount) }
    }
}
