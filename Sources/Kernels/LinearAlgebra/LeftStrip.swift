/// Some rows of the left factor over part of its depth, tile by tile.
struct LeftStrip {
    private let operand: TiledProduct.Operand
    private let rows: Range<Int>
    private let portion: Range<Int>
    /// Tiles from this one on are in `packed`, [tiles, depth, 8].
    private let firstPacked: Int
    private let packed: UnsafeMutablePointer<Float>

    init(
        _ operand: TiledProduct.Operand, rows: Range<Int>, portion: Range<Int>, columns: Int, buffer: PackingBuffer
    ) {
        self.operand = operand
        self.rows = rows
        self.portion = portion
        packed = buffer.left
        // Rows a multiple of 4 KiB apart share their places in the first cache. Laying them out pays from some panels on.
        let isSpread = operand.stride >= 1024 && columns >= 4 * MatrixTile.columns
        firstPacked = isSpread ? 0 : rows.count / MatrixTile.rows
        for tile in firstPacked..<tileCount { pack(tile) }
    }

    private var tileCount: Int { (rows.count + MatrixTile.rows - 1) / MatrixTile.rows }

    private func place(_ tile: Int) -> UnsafeMutablePointer<Float> {
        packed + (tile - firstPacked) * portion.count * MatrixTile.rows
    }

    private func rows(ofTile tile: Int) -> Range<Int> {
        let first = rows.lowerBound + tile * MatrixTile.rows
        return first..<min(first + MatrixTile.rows, rows.upperBound)
    }

    private func pack(_ tile: Int) {
        Panel.packLeft(operand, rows: rows(ofTile: tile), portion: portion, into: place(tile))
    }

    /// All rows times a panel.
    ///
    /// - Parameters:
    ///   - c: the first row's first column.
    ///   - scratch: [8, 32], for tiles that are not whole.
    func multiply(
        _ panel: UnsafePointer<Float>, columnCount: Int, ending: TiledProduct.Ending,
        into c: UnsafeMutablePointer<Float>, stride: Int, scratch: UnsafeMutablePointer<Float>
    ) {
        for tile in 0..<tileCount {
            let rows = rows(ofTile: tile)
            let target = c + tile * MatrixTile.rows * stride
            if rows.count == MatrixTile.rows && columnCount == MatrixTile.columns {
                multiply(tile, panel, ending: ending, into: target, stride: stride)
            } else {
                multiply(tile, panel, ending: .plain, into: scratch, stride: MatrixTile.columns)
                for row in 0..<rows.count {
                    ending.store(scratch + row * MatrixTile.columns, count: columnCount, into: target + row * stride)
                }
            }
        }
    }

    @inline(__always)
    private func multiply(
        _ tile: Int, _ panel: UnsafePointer<Float>, ending: TiledProduct.Ending,
        into c: UnsafeMutablePointer<Float>, stride: Int
    ) {
        if tile >= firstPacked {
            Self.multiplyPacked(place(tile), panel, depth: portion.count, ending, c, stride)
        } else {
            let start = operand.address(rows.lowerBound + tile * MatrixTile.rows, portion.lowerBound)
            if operand.isTransposed {
                Self.multiplyColumns(start, operand.stride, panel, depth: portion.count, ending, c, stride)
            } else {
                Self.multiplyRows(start, operand.stride, panel, depth: portion.count, ending, c, stride)
            }
        }
    }

    // One function a layout: with strides that the compiler knows, addresses need no registers.

    @inline(never)
    private static func multiplyPacked(
        _ left: UnsafePointer<Float>, _ panel: UnsafePointer<Float>, depth: Int, _ ending: TiledProduct.Ending,
        _ c: UnsafeMutablePointer<Float>, _ stride: Int
    ) {
        MatrixTile.multiply(
            left, rowStride: 1, depthStride: MatrixTile.rows, panel, depth: depth, ending: ending, into: c,
            stride: stride)
    }

    @inline(never)
    private static func multiplyRows(
        _ left: UnsafePointer<Float>, _ leftStride: Int, _ panel: UnsafePointer<Float>, depth: Int,
        _ ending: TiledProduct.Ending, _ c: UnsafeMutablePointer<Float>, _ stride: Int
    ) {
        MatrixTile.multiply(
            left, rowStride: leftStride, depthStride: 1, panel, depth: depth, ending: ending, into: c, stride: stride)
    }

    @inline(never)
    private static func multiplyColumns(
        _ left: UnsafePointer<Float>, _ leftStride: Int, _ panel: UnsafePointer<Float>, depth: Int,
        _ ending: TiledProduct.Ending, _ c: UnsafeMutablePointer<Float>, _ stride: Int
    ) {
        MatrixTile.multiply(
            left, rowStride: 1, depthStride: leftStride, panel, depth: depth, ending: ending, into: c, stride: stride)
    }
}
