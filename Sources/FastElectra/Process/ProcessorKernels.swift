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
            let coreType = LinearAlgebraBackend.betterCoreType
            // OpenBLAS's own threads are of no use here. Under a limit of address space they starve the others for buffers.
            let isCramped = AddressSpace.limit != nil && getenv("OPENBLAS_NUM_THREADS") == nil
            guard coreType != nil || isCramped else { return }
            if let coreType { setenv("OPENBLAS_CORETYPE", coreType, 1) }
            setenv("OPENBLAS_NUM_THREADS", "1", 1)
            execv("/proc/self/exe", CommandLine.unsafeArgv)
        // Where that cannot be done the slower kernels do.
        #endif
    }
}
