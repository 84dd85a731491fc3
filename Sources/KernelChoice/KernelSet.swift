import CKernels
import CLibrary

/// Which kernels do the arithmetic. One program holds all of them and chooses when it starts.
///
/// All sets but ``openblas`` compute the same bits (`Sources/CKernels/include/CKernels.h`).
public enum KernelSet: String, CaseIterable, Sendable {
    /// Registers of 512 bits.
    case avx512
    /// Registers of 256 bits and fused multiply-add.
    case avx2
    /// The instructions that every processor of the architecture has.
    case portable
    /// Matrix products by OpenBLAS, which is opened when it is asked for; all else by the best of the other sets.
    case openblas

    /// The variable of the environment that names a set, for tests and comparisons.
    public static let variable = "FAST_ELECTRA_KERNELS"

    /// The set that this process uses: the one that ``variable`` names, if this machine can, otherwise the best.
    public static let inUse: KernelSet = (try? requested()) ?? best

    /// The sets that this machine can use.
    public static var available: [KernelSet] { allCases.filter(\.isAvailable) }

    /// The set that ``variable`` names.
    ///
    /// - Throws: ``KernelError`` if it names none, or one that this machine cannot use.
    public static func requested() throws(KernelError) -> KernelSet? {
        guard let name = getenv(variable).map({ String(cString: $0) }), !name.isEmpty else { return nil }
        guard let set = KernelSet(rawValue: name) else { throw KernelError(kind: .unknown, name: name) }
        guard set.isAvailable else { throw KernelError(kind: .unavailable, name: name) }
        return set
    }

    private var isAvailable: Bool {
        switch self {
        case .avx512: fast_electra_kernels_avx512() != nil
        case .avx2: fast_electra_kernels_avx2() != nil
        case .portable: true
        case .openblas: OpenBLAS.library != nil
        }
    }

    /// Tiles in registers of 128 bits are not worth more than a library for the processor, where there is one.
    private static var best: KernelSet {
        if fast_electra_kernels_avx512() != nil { return .avx512 }
        if fast_electra_kernels_avx2() != nil { return .avx2 }
        return KernelSet.openblas.isAvailable ? .openblas : .portable
    }

    /// The functions of a set; `nil` where this machine cannot use it.
    package var table: UnsafePointer<fast_electra_kernels>? {
        switch self {
        case .avx512: fast_electra_kernels_avx512()
        case .avx2: fast_electra_kernels_avx2()
        case .portable: fast_electra_kernels_portable()
        case .openblas:
            fast_electra_kernels_avx512() ?? fast_electra_kernels_avx2() ?? fast_electra_kernels_portable()
        }
    }
}

/// The functions in use. They never change, and neither does the table that they are in.
package let kernels: fast_electra_kernels =
    (KernelSet.inUse.table ?? fast_electra_kernels_portable()).pointee
