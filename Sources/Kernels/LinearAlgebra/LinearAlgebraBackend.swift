import COpenBLAS

/// What multiplies matrices behind ``multiply(_:_:m:n:k:scale:keeping:into:stride:)``.
public enum LinearAlgebraBackend {
    /// Whether products are our own: they are written for 32 registers of 512 bits.
    public static let isOurs = FAST_ELECTRA_HAS_AVX512 != 0

    /// One thread a call of OpenBLAS. The pipeline's own threads each work on sequences of their own; BLAS's threads would
    /// only get in the way.
    public static func useOneThreadPerCall() {
        openblas_set_num_threads(1)
    }

    /// What is in use, for example `AVX-512 tiles` or `OpenBLAS Haswell`.
    public static var name: String {
        isOurs ? "AVX-512 tiles" : "OpenBLAS \(libraryCoreName)"
    }

    /// The kernels that OpenBLAS chose, for example `SkylakeX`.
    public static var libraryCoreName: String { String(cString: openblas_get_corename()) }
}
