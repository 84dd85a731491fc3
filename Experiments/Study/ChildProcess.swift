import CLibrary
import Storage
import SystemPackage

/// A program that is run to its end, and the processor time that it and its own children took.
struct ChildProcess {
    let status: Int32
    let processorSeconds: Double

    /// - Parameters:
    ///   - folder: where it runs.
    ///   - output: the file that its standard output goes to.
    init(
        _ program: String, _ arguments: [String], environment: [String: String], in folder: FilePath, output: FilePath
    ) throws {
        #if canImport(Glibc)
            var actions = posix_spawn_file_actions_t()
        #else
            var actions: posix_spawn_file_actions_t?
        #endif
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 1, output.string, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        var process = pid_t()
        // Not every C library can change the folder of a program that it starts.
        let shell = ["/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", folder.string, program]
        let code = Self.withStrings(shell + arguments) { arguments in
            Self.withStrings(environment.map { "\($0.key)=\($0.value)" }) { environment in
                posix_spawn(&process, "/bin/sh", &actions, nil, arguments, environment)
            }
        }
        if code != 0 { throw Errno(rawValue: code) }
        var (status, usage) = (Int32(0), rusage())
        while wait4(process, &status, 0, &usage) < 0 {
            if errno != EINTR { throw Errno(rawValue: errno) }
        }
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        self.status = status
        processorSeconds = seconds(usage.ru_utime) + seconds(usage.ru_stime)
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
