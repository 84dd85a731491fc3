import CLibrary

/// The library, opened when its products are first asked for: nobody else needs to have it.
public struct OpenBLAS: Sendable {
    /// `cblas_sgemm`, with 32-bit sizes (`cblas.h`).
    package typealias Product =
        @convention(c) (
            _ order: CInt, _ transposeLeft: CInt, _ transposeRight: CInt, _ m: CInt, _ n: CInt, _ k: CInt,
            _ scale: Float, _ left: UnsafePointer<Float>, _ leftStride: CInt, _ right: UnsafePointer<Float>,
            _ rightStride: CInt, _ keeping: Float, _ result: UnsafeMutablePointer<Float>, _ resultStride: CInt
        ) -> Void

    /// `nil` where there is none.
    public static let library = OpenBLAS()

    private static let names = ["libopenblas.so.0", "libopenblas.so", "libopenblas.0.dylib", "libopenblas.dylib"]

    /// The kernels that the library chose, for example `SkylakeX`.
    public let coreName: String
    package let product: Product

    private init?() {
        guard let handle = Self.names.lazy.compactMap({ dlopen($0, RTLD_NOW | RTLD_LOCAL) }).first,
            let product = dlsym(handle, "cblas_sgemm"), let setThreads = dlsym(handle, "openblas_set_num_threads")
        else { return nil }
        self.product = unsafeBitCast(product, to: Product.self)
        // One thread a call: the pipeline's own threads each work on sequences of their own, and the library's would only get
        // in the way.
        unsafeBitCast(setThreads, to: (@convention(c) (CInt) -> Void).self)(1)
        coreName =
            dlsym(handle, "openblas_get_corename").map {
                String(cString: unsafeBitCast($0, to: (@convention(c) () -> UnsafePointer<CChar>).self)())
            } ?? "unknown"
    }
}
