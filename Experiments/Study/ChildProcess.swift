import CLibrary
import Storage
import Synchronization
import SystemPackage

/// A program that is run to its end, and the processor time that it and its own children took.
struct ChildProcess {
    let status: Int32
    let processorSeconds: Double

    /// Those that run now.
    final class Running: Sendable {
        fileprivate struct Processes {
            var numbers: Set<pid_t> = []
            var areTerminated = false
        }

        fileprivate let processes = Mutex(Processes())

        /// Asks all of them to end. From now on, none begins.
        func terminate() {
            processes.withLock { processes in
                processes.areTerminated = true
                for process in processes.numbers { kill(process, SIGTERM) }
            }
        }
    }

    /// The study was asked to end before the program began.
    struct Terminated: Error, CustomStringConvertible {
        let description = "a signal ended the study"
    }

    /// - Parameters:
    ///   - folder: where it runs.
    ///   - output: the file that its standard output goes to.
    ///   - running: has it until it ends.
    init(
        _ program: String, _ arguments: [String], environment: [String: String], in folder: FilePath, output: FilePath,
        among running: Running
    ) throws {
        #if canImport(Glibc)
            var (actions, attributes) = (posix_spawn_file_actions_t(), posix_spawnattr_t())
        #else
            var (actions, attributes): (posix_spawn_file_actions_t?, posix_spawnattr_t?)
        #endif
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A program inherits the signals that the process ignores and those that the thread blocks, as threads of a pool do. Then
        // ``Running/terminate()`` would not reach it.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigaddset(&signals, SIGTERM)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        posix_spawn_file_actions_addopen(&actions, 1, output.string, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        var process = pid_t()
        // Not every C library can change the folder of a program that it starts.
        let shell = ["/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", folder.string, program]
        try running.processes.withLock { processes in
            if processes.areTerminated { throw Terminated() }
            let code = Self.withStrings(shell + arguments) { arguments in
                Self.withStrings(environment.map { "\($0.key)=\($0.value)" }) { environment in
                    posix_spawn(&process, "/bin/sh", &actions, &attributes, arguments, environment)
                }
            }
            if code != 0 { throw Errno(rawValue: code) }
            processes.numbers.insert(process)
        }
        // The process keeps its number until it is waited for with `wait4`. So no signal goes to another one.
        var ended = siginfo_t()
        try Self.retryingInterrupts { waitid(P_PID, id_t(process), &ended, WEXITED | WNOWAIT) }
        _ = running.processes.withLock { $0.numbers.remove(process) }
        var (status, usage) = (Int32(0), rusage())
        try Self.retryingInterrupts { wait4(process, &status, 0, &usage) }
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        self.status = status
        processorSeconds = seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }

    private static func retryingInterrupts(_ call: () -> Int32) throws {
        while call() < 0 {
            if errno != EINTR { throw Errno(rawValue: errno) }
        }
    }

    /// Arguments as C wants them, with a null behind the last.
    private static func withStrings<Result>(
        _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let pointers = strings.map { strdup($0) }
        defer { pointers.forEach { free($0) } }
        return body(pointers + [nil])
    }
}
