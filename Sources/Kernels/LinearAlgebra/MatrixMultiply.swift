import COpenBLAS

/// result[m, n] = scale · left[m, k] · right[k, n] + keeping · result[m, n]
///
/// One thread: callers run several of these at once, each on sequences of its own, which keeps elementwise work in their
/// caches. Where there is AVX-512 the product is ours (``TiledProduct``): at an encoder's shapes 5 to 25 % faster than the best
/// kernels of OpenBLAS 0.3.21, and twice as fast as those it picks on processors younger than itself. Elsewhere it is OpenBLAS's.
public func multiply(
    _ left: borrowing Factor, _ right: borrowing Factor, m: Int, n: Int, k: Int, scale: Float = 1, keeping: Float = 0,
    into result: consuming MutableSpan<Float>, stride: Int
) {
    precondition(left.holds(rows: m, columns: k) && right.holds(rows: k, columns: n), "a factor is too small")
    precondition(n <= stride && (m == 0 || (m - 1) * stride + n <= result.count), "the result is too small")
    if m == 0 || n == 0 { return }
    if LinearAlgebraBackend.isOurs {
        result.withUnsafeMutableBufferPointer { result in
            multiplyInTiles(
                left, right, m: m, n: n, k: k, ending: .init(scale: scale, keeping: keeping, bias: nil),
                into: result.baseAddress!, stride: stride)
        }
    } else {
        multiplyByOpenBLAS(
            left, right, m: m, n: n, k: k, scale: scale, keeping: keeping, into: result, stride: stride)
    }
}

/// result[m, n] = left[m, k] · right[k, n] + bias[n]
public func multiply(
    _ left: borrowing Factor, _ right: borrowing Factor, m: Int, n: Int, k: Int, adding bias: Span<Float>,
    into result: consuming MutableSpan<Float>, stride: Int
) {
    precondition(left.holds(rows: m, columns: k) && right.holds(rows: k, columns: n), "a factor is too small")
    precondition(bias.count == n, "the bias has another size")
    precondition(n <= stride && (m == 0 || (m - 1) * stride + n <= result.count), "the result is too small")
    if m == 0 || n == 0 { return }
    result.withUnsafeMutableBufferPointer { rows in
        if LinearAlgebraBackend.isOurs {
            bias.withUnsafeBufferPointer { bias in
                multiplyInTiles(
                    left, right, m: m, n: n, k: k, ending: .init(scale: 1, keeping: 0, bias: bias.baseAddress),
                    into: rows.baseAddress!, stride: stride)
            }
        } else {
            for row in 0..<m {
                for column in bias.indices { rows[row * stride + column] = bias[column] }
            }
            multiplyByOpenBLAS(
                left, right, m: m, n: n, k: k, scale: 1, keeping: 1, into: rows.mutableSpan, stride: stride)
        }
    }
}

private func multiplyInTiles(
    _ left: borrowing Factor, _ right: borrowing Factor, m: Int, n: Int, k: Int, ending: TiledProduct.Ending,
    into result: UnsafeMutablePointer<Float>, stride: Int
) {
    left.elements.withUnsafeBufferPointer { a in
        right.elements.withUnsafeBufferPointer { b in
            // Without elements there are no addresses; nothing is read then.
            let nothing = UnsafePointer(result)
            TiledProduct(
                left: .init(a.baseAddress ?? nothing, stride: left.stride, isTransposed: left.isTransposed),
                right: .matrix(.init(b.baseAddress ?? nothing, stride: right.stride, isTransposed: right.isTransposed)),
                ending: ending
            ).compute(m: m, n: n, k: k, into: result, stride: stride)
        }
    }
}

/// The same by OpenBLAS, on one thread (``LinearAlgebraBackend/useOneThreadPerCall()``).
public func multiplyByOpenBLAS(
    _ left: borrowing Factor, _ right: borrowing Factor, m: Int, n: Int, k: Int, scale: Float, keeping: Float,
    into result: consuming MutableSpan<Float>, stride: Int
) {
    left.elements.withUnsafeBufferPointer { a in
        right.elements.withUnsafeBufferPointer { b in
            result.withUnsafeMutableBufferPointer { c in
                cblas_sgemm(
                    CblasRowMajor, left.isTransposed ? CblasTrans : CblasNoTrans,
                    right.isTransposed ? CblasTrans : CblasNoTrans, blasint(m), blasint(n), blasint(k), scale,
                    a.baseAddress, blasint(left.stride), b.baseAddress, blasint(right.stride), keeping, c.baseAddress,
                    blasint(stride))
            }
        }
    }
}
