import Synchronization
import Terminal

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Ctrl-C and SIGTERM as a wish that the work can hear.
///
/// The first signal asks: the library polls ``isRequested`` between two steps, saves and returns. The second one leaves at once.
enum Interruption {
    private static let request = Atomic<Bool>(false)

    /// To be handed to the library: whether the person wants to stop.
    static let isRequested: @Sendable () -> Bool = { request.load(ordering: .relaxed) }

    /// Starts to listen. To be called first thing in a command that has something to save, before it starts threads: they
    /// inherit the blocked signals, so that these reach the listening thread alone and no handler is limited in what it may call.
    static func listen() {
        var signals = stopSignals
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        #if canImport(Darwin)
            var thread: pthread_t?
        #else
            var thread = pthread_t()
        #endif
        pthread_create(&thread, nil, waitForSignals, nil)
    }

    /// Ends the command with exit code 130 if it was asked to stop. To be called when the library has returned.
    static func check() throws {
        if isRequested() { throw Interrupted() }
    }

    private static var stopSignals: sigset_t {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGINT)
        sigaddset(&signals, SIGTERM)
        return signals
    }

    private static let waitForSignals: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { _ in
        var signals = stopSignals
        var signal: Int32 = 0
        while true {
            guard sigwait(&signals, &signal) == 0 else { continue }
            if request.exchange(true, ordering: .relaxed) { _exit(Failure.Status.interrupted.rawValue) }
            if TerminalDevice.standardError.isTerminal {
                TerminalDevice.standardError.write("\nStopping after this step; once more to leave at once.\n")
            }
        }
    }
}
