/// The innermost loop of a product: 8 rows by 32 columns in sixteen registers.
///
/// Eight rows need one broadcast each for two multiplications by sixteen columns, so neither loads (2 a cycle on Zen 4 and
/// 5, two registers' worth on Zen 5) nor latency (16 independent sums) bound it. Twelve rows fill more registers in theory;
/// the compiler then keeps broadcasts alive and spills (75 GFLOP/s instead of 245, Swift 6.3 on Zen 5).
enum MatrixTile {
    static let rows = 8
    static let columns = 32

    /// c[8, 32] = ending(left · panel)
    ///
    /// - Parameters:
    ///   - left: element (row, k) is at row · `rowStride` + k · `depthStride`.
    ///   - panel: [depth, 32]
    @inline(__always)
    static func multiply(
        _ left: UnsafePointer<Float>, rowStride: Int, depthStride: Int, _ panel: UnsafePointer<Float>, depth: Int,
        ending: TiledProduct.Ending, into c: UnsafeMutablePointer<Float>, stride: Int
    ) {
        var (upper, lower) = (FourRows(), FourRows())
        var (x, y, row) = (left, left + 4 * rowStride, panel)
        let end = panel + columns * depth
        while row != end {
            let (first, second) = (Lanes(row), Lanes(row + 16))
            upper.add(x, rowStride, first, second)
            lower.add(y, rowStride, first, second)
            x += depthStride
            y += depthStride
            row += columns
        }
        upper.store(ending, into: c, stride: stride)
        lower.store(ending, into: c + 4 * stride, stride: stride)
    }
}

/// Sums of four rows, 32 columns each.
private struct FourRows {
    var (a0, b0, a1, b1) = (Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero)
    var (a2, b2, a3, b3) = (Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero)

    @inline(__always)
    init() {}

    /// Adds the product of a column of four, `stride` apart, and a row of 32.
    @inline(__always)
    mutating func add(_ column: UnsafePointer<Float>, _ stride: Int, _ first: Lanes, _ second: Lanes) {
        let x0 = Lanes(repeating: column[0])
        a0 = a0.addingProduct(x0, first)
        b0 = b0.addingProduct(x0, second)
        let x1 = Lanes(repeating: column[stride])
        a1 = a1.addingProduct(x1, first)
        b1 = b1.addingProduct(x1, second)
        let x2 = Lanes(repeating: column[2 * stride])
        a2 = a2.addingProduct(x2, first)
        b2 = b2.addingProduct(x2, second)
        let x3 = Lanes(repeating: column[3 * stride])
        a3 = a3.addingProduct(x3, first)
        b3 = b3.addingProduct(x3, second)
    }

    @inline(__always)
    func store(_ ending: TiledProduct.Ending, into c: UnsafeMutablePointer<Float>, stride: Int) {
        ending.store(a0, b0, into: c)
        ending.store(a1, b1, into: c + stride)
        ending.store(a2, b2, into: c + 2 * stride)
        ending.store(a3, b3, into: c + 3 * stride)
    }
}
