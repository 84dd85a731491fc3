import CKernels
import KernelChoice

/// A right factor laid out once for many products: the weights of a model that no longer learns.
///
/// Nothing writes to it after its initializer, so all threads may read it.
public final class PackedFactor: @unchecked Sendable {
    /// k
    public let rowCount: Int
    /// n
    public let columnCount: Int
    /// As the kernels in use lay them out.
    let panels: FloatBuffer

    /// The first of some columns must be a multiple of this.
    public static var columnMultiple: Int { kernels.panel_columns }

    /// - Parameter factor: [rowCount, columnCount]
    public init(_ factor: borrowing Factor, rowCount: Int, columnCount: Int) {
        precondition(factor.holds(rows: rowCount, columns: columnCount), "the factor is too small")
        self.rowCount = rowCount
        self.columnCount = columnCount
        let multiple = Self.columnMultiple
        panels = FloatBuffer(count: rowCount * ((columnCount + multiple - 1) / multiple * multiple))
        withUnsafePointer(to: factor.forKernels) { kernels.lay_out($0, rowCount, columnCount, panels.address) }
    }

    /// Whether the kernels in use multiply by factors that were laid out.
    public static var isOfUse: Bool { KernelSet.inUse != .openblas }
}
