import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A process that has run to its end with its output thrown away: its time from start to end, and its memory.
struct ProgramRun {
    /// To a tenth.
    let milliseconds: Double
    /// The most it had resident, to a tenth. Linux counts from before the program was loaded, so this is at least the
    /// memory that the process that started it had then: make the data set in a run of its own.
    let residentMegabytes: Double

    init(_ program: String, _ arguments: [String]) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        let strings = ([program] + arguments).map { strdup($0) }
        defer { strings.forEach { free($0) } }
        var (process, status, usage) = (pid_t(), CInt(), rusage())
        let start = ContinuousClock.now
        let error = posix_spawn(&process, program, &actions, nil, strings + [nil], environ)
        guard error == 0 else { throw Errno(rawValue: error) }
        while wait4(process, &status, 0, &usage) < 0 {
            guard errno == EINTR else { throw Errno(rawValue: errno) }
        }
        let duration = ContinuousClock.now - start
        guard status == 0 else { throw Errno.invalidArgument }
        func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }
        milliseconds = rounded(duration / .milliseconds(1))
        residentMegabytes = rounded(Double(usage.ru_maxrss) * 1024 / 1e6)
    }
}
