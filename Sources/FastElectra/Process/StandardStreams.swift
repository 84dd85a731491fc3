import CLibrary

/// The streams and signals that the process gets from its parent, made safe to work with.
enum StandardStreams {
    /// To be called before anything is opened.
    static func prepare() {
        // A stream that is closed would lend its number to the next file that is opened: messages would end up in it.
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(descriptor, F_GETFD) < 0 {
            _ = open("/dev/null", descriptor == STDIN_FILENO ? O_RDONLY : O_WRONLY)
        }
        // A reader that has enough (`| head -1`) and a limit of file sizes become errors of the write, and are told.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
    }
}
