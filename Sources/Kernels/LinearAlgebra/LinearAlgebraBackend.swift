import COpenBLAS

#if canImport(Glibc)
    import Glibc
#endif

/// The BLAS library behind ``multiply(_:_:m:n:k:scale:keeping:into:stride:)``.
public enum LinearAlgebraBackend {
    /// One thread a call. The pipeline's own threads each work on sequences of their own, which keeps elementwise work
    /// in their caches; BLAS's threads would only get in the way.
    public static func useOneThreadPerCall() {
        openblas_set_num_threads(1)
    }

    /// The kernels in use, for example `SkylakeX`.
    public static var coreName: String {
        String(cString: openblas_get_corename())
    }

    /// The value of `OPENBLAS_CORETYPE` that would serve this processor better than what OpenBLAS picked, if any.
    ///
    /// OpenBLAS 0.3.21 does not know processors younger than itself and falls back to AVX2 kernels where AVX-512 ones run
    /// twice as fast (measured on Zen 5: 95 against 200 GFLOP/s). It reads the variable while it is loaded, so a program
    /// that wants it must set it and start itself again.
    public static var betterCoreType: String? {
        #if arch(x86_64)
            guard getenv("OPENBLAS_CORETYPE") == nil, ["Haswell", "Zen"].contains(coreName) else { return nil }
            guard let flags = ProcessorFlags.current,
                flags.isSuperset(of: ["avx512f", "avx512bw", "avx512dq", "avx512vl"])
            else { return nil }
            return flags.contains("avx512_bf16") ? "Cooperlake" : "SkylakeX"
        #else
            return nil
        #endif
    }
}

/// The instruction sets that the kernel reports.
enum ProcessorFlags {
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
