/// Parts of factors laid out for ``MatrixTile``, with zeros where a factor ends.
enum Panel {
    /// panel[depth, 32] = right[rows, columns]
    static func pack(
        _ right: TiledProduct.Operand, rows: Range<Int>, columns: Range<Int>, into panel: UnsafeMutablePointer<Float>
    ) {
        let start = right.address(rows.lowerBound, columns.lowerBound)
        let stride = right.stride
        if columns.count < MatrixTile.columns {
            packEdge(right, rows: rows, columns: columns, into: panel)
        } else if right.isTransposed {
            let whole = rows.count / 16 * 16
            for row in Swift.stride(from: 0, to: whole, by: 16) {
                transpose(start + row, stride: stride, into: panel + row * 32)
                transpose(start + 16 * stride + row, stride: stride, into: panel + row * 32 + 16)
            }
            packEdge(
                right, rows: rows.dropFirst(whole), columns: columns, into: panel + whole * MatrixTile.columns)
        } else {
            for row in 0..<rows.count {
                Lanes(start + row * stride).store(to: panel + row * 32)
                Lanes(start + row * stride + 16).store(to: panel + row * 32 + 16)
            }
        }
    }

    private static func packEdge(
        _ right: TiledProduct.Operand, rows: Range<Int>, columns: Range<Int>, into panel: UnsafeMutablePointer<Float>
    ) {
        for (offset, row) in rows.enumerated() {
            let target = panel + offset * MatrixTile.columns
            for column in 0..<MatrixTile.columns {
                target[column] =
                    column < columns.count ? right.address(row, columns.lowerBound + column).pointee : 0
            }
        }
    }

    /// strip[depth, 8] = left[rows, portion]ᵀ
    static func packLeft(
        _ left: TiledProduct.Operand, rows: Range<Int>, portion: Range<Int>, into strip: UnsafeMutablePointer<Float>
    ) {
        let start = left.address(rows.lowerBound, portion.lowerBound)
        var done = 0
        if rows.count == MatrixTile.rows {
            if left.isTransposed {
                for depth in portion {
                    let offset = depth - portion.lowerBound
                    let eight = UnsafeRawPointer(start + offset * left.stride).loadUnaligned(as: SIMD8<Float>.self)
                    UnsafeMutableRawPointer(strip + offset * 8).storeBytes(of: eight, as: SIMD8<Float>.self)
                }
                done = portion.count
            } else {
                done = portion.count / 16 * 16
                for offset in Swift.stride(from: 0, to: done, by: 16) {
                    transposeEight(start + offset, stride: left.stride, into: strip + offset * 8)
                }
            }
        }
        for offset in done..<portion.count {
            for row in 0..<MatrixTile.rows {
                strip[offset * 8 + row] =
                    row < rows.count ? left.address(rows.lowerBound + row, portion.lowerBound + offset).pointee : 0
            }
        }
    }

    // Transposing by perfect shuffles: the address of an element is (row, column) in bits; interleaving the first half of
    // the registers with the second moves the row's top bit to the end. After all of its bits have moved, columns are rows.

    /// panel[column · 32 + row] = matrix[row, column], 16 x 16
    @inline(never)
    private static func transpose(
        _ matrix: UnsafePointer<Float>, stride: Int, into panel: UnsafeMutablePointer<Float>
    ) {
        var (r0, r1) = (Lanes(matrix), Lanes(matrix + stride))
        var (r2, r3) = (Lanes(matrix + 2 * stride), Lanes(matrix + 3 * stride))
        var (r4, r5) = (Lanes(matrix + 4 * stride), Lanes(matrix + 5 * stride))
        var (r6, r7) = (Lanes(matrix + 6 * stride), Lanes(matrix + 7 * stride))
        var (r8, r9) = (Lanes(matrix + 8 * stride), Lanes(matrix + 9 * stride))
        var (r10, r11) = (Lanes(matrix + 10 * stride), Lanes(matrix + 11 * stride))
        var (r12, r13) = (Lanes(matrix + 12 * stride), Lanes(matrix + 13 * stride))
        var (r14, r15) = (Lanes(matrix + 14 * stride), Lanes(matrix + 15 * stride))
        for _ in 0..<4 {
            let (a, b) = (interleave(r0, r8), interleave(r1, r9))
            let (c, d) = (interleave(r2, r10), interleave(r3, r11))
            let (e, f) = (interleave(r4, r12), interleave(r5, r13))
            let (g, h) = (interleave(r6, r14), interleave(r7, r15))
            ((r0, r1), (r2, r3), (r4, r5), (r6, r7)) = (a, b, c, d)
            ((r8, r9), (r10, r11), (r12, r13), (r14, r15)) = (e, f, g, h)
        }
        r0.store(to: panel)
        r1.store(to: panel + 32)
        r2.store(to: panel + 64)
        r3.store(to: panel + 96)
        r4.store(to: panel + 128)
        r5.store(to: panel + 160)
        r6.store(to: panel + 192)
        r7.store(to: panel + 224)
        r8.store(to: panel + 256)
        r9.store(to: panel + 288)
        r10.store(to: panel + 320)
        r11.store(to: panel + 352)
        r12.store(to: panel + 384)
        r13.store(to: panel + 416)
        r14.store(to: panel + 448)
        r15.store(to: panel + 480)
    }

    /// strip[column · 8 + row] = matrix[row, column], 8 x 16
    @inline(never)
    private static func transposeEight(
        _ matrix: UnsafePointer<Float>, stride: Int, into strip: UnsafeMutablePointer<Float>
    ) {
        var (r0, r1) = (Lanes(matrix), Lanes(matrix + stride))
        var (r2, r3) = (Lanes(matrix + 2 * stride), Lanes(matrix + 3 * stride))
        var (r4, r5) = (Lanes(matrix + 4 * stride), Lanes(matrix + 5 * stride))
        var (r6, r7) = (Lanes(matrix + 6 * stride), Lanes(matrix + 7 * stride))
        for _ in 0..<3 {
            let (a, b) = (interleave(r0, r4), interleave(r1, r5))
            let (c, d) = (interleave(r2, r6), interleave(r3, r7))
            ((r0, r1), (r2, r3), (r4, r5), (r6, r7)) = (a, b, c, d)
        }
        r0.store(to: strip)
        r1.store(to: strip + 16)
        r2.store(to: strip + 32)
        r3.store(to: strip + 48)
        r4.store(to: strip + 64)
        r5.store(to: strip + 80)
        r6.store(to: strip + 96)
        r7.store(to: strip + 112)
    }

    @inline(__always)
    private static func interleave(_ even: Lanes, _ odd: Lanes) -> (Lanes, Lanes) {
        var both = SIMD32<Float>()
        both.evenHalf = even
        both.oddHalf = odd
        return (both.lowHalf, both.highHalf)
    }
}
