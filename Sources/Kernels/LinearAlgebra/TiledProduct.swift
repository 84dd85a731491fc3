/// A matrix product in tiles of 8 by 32, on one thread.
///
/// 32 columns of the right factor at a time are laid out as a panel [depth, 32] that stays in the first cache while all rows
/// of the left factor pass by (Goto & van de Geijn 2008, "Anatomy of high-performance matrix multiplication"). The left
/// factor is read where it is, unless its rows lie so far apart that they would fight for the same lines.
struct TiledProduct {
    struct Operand {
        let start: UnsafePointer<Float>
        let stride: Int
        let isTransposed: Bool

        init(_ start: UnsafePointer<Float>, stride: Int, isTransposed: Bool) {
            self.start = start
            self.stride = stride
            self.isTransposed = isTransposed
        }

        /// The address of (row, column) as the product sees them.
        @inline(__always)
        func address(_ row: Int, _ column: Int) -> UnsafePointer<Float> {
            start + (isTransposed ? column * stride + row : row * stride + column)
        }
    }

    /// What becomes of a sum s: scale · s + bias + keeping · what was there.
    struct Ending {
        var scale: Float
        var keeping: Float
        /// Of the first column to be written.
        var bias: UnsafePointer<Float>?

        @inline(__always)
        func store(_ first: Lanes, _ second: Lanes, into c: UnsafeMutablePointer<Float>) {
            var (first, second) = (first * scale, second * scale)
            if let bias {
                first += Lanes(bias)
                second += Lanes(bias + 16)
            }
            if keeping != 0 {
                first = first.addingProduct(Lanes(c), Lanes(repeating: keeping))
                second = second.addingProduct(Lanes(c + 16), Lanes(repeating: keeping))
            }
            first.store(to: c)
            second.store(to: c + 16)
        }

        /// For part of a tile that was computed with ``plain`` elsewhere.
        func store(_ sums: UnsafePointer<Float>, count: Int, into c: UnsafeMutablePointer<Float>) {
            for column in 0..<count {
                var value = sums[column] * scale
                if let bias { value += bias[column] }
                if keeping != 0 { value = value.addingProduct(c[column], keeping) }
                c[column] = value
            }
        }

        static var plain: Ending { Ending(scale: 1, keeping: 0, bias: nil) }

        func advanced(by columns: Int) -> Ending {
            Ending(scale: scale, keeping: keeping, bias: bias.map { $0 + columns })
        }
    }

    enum Right {
        case matrix(Operand)
        /// - Parameter firstColumn: of the product, a multiple of 32.
        case panels(PackedFactor, firstColumn: Int)
    }

    let left: Operand
    let right: Right
    let ending: Ending

    /// A panel of this depth takes 32 KiB.
    static let deepest = 256
    /// Rows of the left factor that pass by a panel: with this depth 512 KiB, half of a second cache.
    static let mostRows = 512

    /// 0 ..< k in parts of nearly the same depth, one empty part where k is 0.
    static func portions(ofDepth k: Int) -> [Range<Int>] {
        let count = max(1, (k + deepest - 1) / deepest)
        let depth = (k + count - 1) / count
        return (0..<count).map { $0 * depth..<min(($0 + 1) * depth, k) }
    }

    func compute(m: Int, n: Int, k: Int, into c: UnsafeMutablePointer<Float>, stride: Int) {
        let buffer = PackingBuffer.ofThisThread
        for firstRow in Swift.stride(from: 0, to: m, by: Self.mostRows) {
            let rows = firstRow..<min(firstRow + Self.mostRows, m)
            for portion in Self.portions(ofDepth: k) {
                var ending = ending
                if portion.lowerBound > 0 { (ending.keeping, ending.bias) = (1, nil) }
                let strip = LeftStrip(left, rows: rows, portion: portion, columns: n, buffer: buffer)
                for column in Swift.stride(from: 0, to: n, by: MatrixTile.columns) {
                    let columns = column..<min(column + MatrixTile.columns, n)
                    strip.multiply(
                        panel(portion, columns, buffer), columnCount: columns.count,
                        ending: ending.advanced(by: column), into: c + rows.lowerBound * stride + column,
                        stride: stride,
                        scratch: buffer.tile)
                }
            }
        }
    }

    private func panel(
        _ portion: Range<Int>, _ columns: Range<Int>, _ buffer: PackingBuffer
    ) -> UnsafePointer<Float> {
        switch right {
        case .matrix(let matrix):
            Panel.pack(matrix, rows: portion, columns: columns, into: buffer.panel)
            return UnsafePointer(buffer.panel)
        case .panels(let packed, let firstColumn):
            return UnsafePointer(packed.panel(portion, column: firstColumn + columns.lowerBound))
        }
    }
}
