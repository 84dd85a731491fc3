import COpenBLAS

#if canImport(Glibc)
    import Glibc
#endif

/// The matrix kernels that suit the processor.
extension LinearAlgebraBackend {
    /// Where it is set, OpenBLAS is left as it is: `FAST_ELECTRA_OPENBLAS=kept`.
    private static let variable = "FAST_ELECTRA_OPENBLAS"

    /// Starts this program again with `OPENBLAS_CORETYPE` set where OpenBLAS uses AVX2 kernels on a processor with AVX-512.
    ///
    /// OpenBLAS 0.3.21 does not know processors younger than itself and falls back to kernels of half the speed (Zen 5: 95
    /// against 200 GFLOP/s); some environments set `OPENBLAS_CORETYPE` so for all programs alike. It is read while the library
    /// is loaded, before any code of ours: hence the new start, first thing in a command that computes.
    public static func chooseKernels() {
        #if os(Linux)
            if getenv(variable) != nil { return }
            guard let coreType = betterCoreType else { return }
            setenv("OPENBLAS_CORETYPE", coreType, 1)
            // Once only, whatever OpenBLAS makes of it.
            setenv(variable, coreType, 1)
            // Blocks are to suit this processor's cache, too.
            unsetenv("OPENBLAS_L2_SIZE")
            execv("/proc/self/exe", CommandLine.unsafeArgv)
        // Where that cannot be done the slower kernels do.
        #endif
    }

    private static var betterCoreType: String? {
        #if arch(x86_64)
            guard ["Haswell", "Zen"].contains(coreName), let flags = ProcessorFlags.current,
                flags.isSuperset(of: ["avx512f", "avx512bw", "avx512dq", "avx512vl"])
            else { return nil }
            return flags.contains("avx512_bf16") ? "Cooperlake" : "SkylakeX"
        #else
            return nil
        #endif
    }
}

/// The instruction sets that the kernel reports.
private enum ProcessorFlags {
    static var current: Set<Substring>? {
        guard let file = fopen("/proc/cpuinfo", "r") else { return nil }
        defer { fclose(file) }
        var line: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { free(line) }
        while getline(&line, &capacity, file) > 0 {
            guard let line else { break }
            let text = String(cString: line)
            if text.hasPrefix("flags") { return Set(text.split { " \t\n:".contains($0) }) }
        }
        return nil
    }
}
