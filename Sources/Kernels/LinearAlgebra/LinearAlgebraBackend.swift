import COpenBLAS

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
}
