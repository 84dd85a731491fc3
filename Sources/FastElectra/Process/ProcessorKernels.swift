import Kernels

#if canImport(Glibc)
    import Glibc
#endif

/// The matrix kernels that suit the processor.
enum ProcessorKernels {
    /// Starts this program again with `OPENBLAS_CORETYPE` set where OpenBLAS chose kernels of half the speed: it reads the
    /// variable while it is loaded, before any code of ours. To be called first thing by commands that compute.
    static func choose() {
        #if os(Linux)
            guard let coreType = LinearAlgebraBackend.betterCoreType else { return }
            setenv("OPENBLAS_CORETYPE", coreType, 1)
            execv("/proc/self/exe", CommandLine.unsafeArgv)
        // Where that cannot be done the slower kernels do.
        #endif
    }
}
