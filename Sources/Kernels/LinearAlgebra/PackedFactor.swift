/// A right factor laid out once for many products: the weights of a model that no longer learns.
///
/// As panels, for each part of the depth: [parts][panels][depth of the part, 32].
public final class PackedFactor: Sendable {
    /// k
    public let rowCount: Int
    /// n
    public let columnCount: Int
    private let panels: FloatBuffer

    /// What the first of some columns has to be a multiple of.
    public static var columnMultiple: Int { MatrixTile.columns }

    /// - Parameter factor: [rowCount, columnCount]
    public init(_ factor: borrowing Factor, rowCount: Int, columnCount: Int) {
        precondition(factor.holds(rows: rowCount, columns: columnCount), "the factor is too small")
        self.rowCount = rowCount
        self.columnCount = columnCount
        panels = FloatBuffer(count: rowCount * Self.padded(columnCount))
        guard rowCount > 0, columnCount > 0 else { return }
        factor.elements.withUnsafeBufferPointer { elements in
            let operand = TiledProduct.Operand(
                elements.baseAddress!, stride: factor.stride, isTransposed: factor.isTransposed)
            for portion in TiledProduct.portions(ofDepth: rowCount) {
                for column in stride(from: 0, to: columnCount, by: MatrixTile.columns) {
                    Panel.pack(
                        operand, rows: portion, columns: column..<min(column + MatrixTile.columns, columnCount),
                        into: panel(portion, column: column))
                }
            }
        }
    }

    private static func padded(_ columns: Int) -> Int {
        (columns + MatrixTile.columns - 1) / MatrixTile.columns * MatrixTile.columns
    }

    /// - Parameter column: the panel's first, a multiple of 32.
    func panel(_ portion: Range<Int>, column: Int) -> UnsafeMutablePointer<Float> {
        panels.storage.baseAddress! + portion.lowerBound * Self.padded(columnCount) + column * portion.count
    }
}

/// result[m, columns] = left[m, k] · right[k, columns] + bias[columns]
///
/// - Parameters:
///   - columns: of `right`, from a multiple of 32 on.
///   - stride: floats from one row of the result to the next.
public func multiply(
    _ left: borrowing Factor, _ right: PackedFactor, columns: Range<Int>, m: Int, adding bias: Span<Float>,
    into result: consuming MutableSpan<Float>, stride: Int
) {
    precondition(left.holds(rows: m, columns: right.rowCount), "the left factor is too small")
    precondition(columns.upperBound <= right.columnCount && columns.lowerBound % MatrixTile.columns == 0)
    precondition(right.rowCount > 0 && bias.count == columns.count && columns.count <= stride)
    precondition(m == 0 || (m - 1) * stride + columns.count <= result.count, "the result is too small")
    if m == 0 || columns.isEmpty { return }
    let (leftStride, isTransposed) = (left.stride, left.isTransposed)
    left.elements.withUnsafeBufferPointer { left in
        bias.withUnsafeBufferPointer { bias in
            result.withUnsafeMutableBufferPointer { result in
                TiledProduct(
                    left: .init(left.baseAddress!, stride: leftStride, isTransposed: isTransposed),
                    right: .panels(right, firstColumn: columns.lowerBound),
                    ending: .init(scale: 1, keeping: 0, bias: bias.baseAddress!)
                ).compute(m: m, n: columns.count, k: right.rowCount, into: result.baseAddress!, stride: stride)
            }
        }
    }
}
