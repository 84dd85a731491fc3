import CLibFuzzer

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// libFuzzer's loop.
public enum Fuzzer {
    /// Runs the program as libFuzzer does, by the arguments of the command line, and ends the process.
    ///
    /// - Parameter test: Called with each input. It must return, whatever the input is; all traps are finds.
    public static func run(_ test: @escaping @Sendable @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32) -> Never {
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        exit(LLVMFuzzerRunDriver(&count, &arguments, test))
    }
}
