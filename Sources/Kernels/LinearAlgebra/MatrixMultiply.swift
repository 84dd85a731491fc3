import COpenBLAS

/// A row-major matrix in a span, as a factor of a product.
public struct Factor: ~Escapable {
    @usableFromInline let elements: Span<Float>
    @usableFromInline let stride: Int
    @usableFromInline let isTransposed: Bool

    /// Rows of `stride` floats each, of which the product uses as many columns as it needs.
    @inlinable
    @_lifetime(copy elements)
    public init(_ elements: Span<Float>, stride: Int) {
        self.init(elements, stride: stride, isTransposed: false)
    }

    @inlinable
    @_lifetime(copy elements)
    init(_ elements: Span<Float>, stride: Int, isTransposed: Bool) {
        self.elements = elements
        self.stride = stride
        self.isTransposed = isTransposed
    }

    @inlinable
    public var transposed: Factor {
        @_lifetime(copy self)
        get { Factor(elements, stride: stride, isTransposed: !isTransposed) }
    }

    /// Whether `rows` x `columns` of the factor, as the product sees it, lie inside the span.
    @inlinable
    func holds(rows: Int, columns: Int) -> Bool {
        let (storedRows, storedColumns) = isTransposed ? (columns, rows) : (rows, columns)
        return storedRows == 0 || storedColumns <= stride && (storedRows - 1) * stride + storedColumns <= elements.count
    }
}

/// result[m, n] = scale · left[m, k] · right[k, n] + keeping · result[m, n]
///
/// One thread of BLAS: callers run several of these at once, each on sequences of its own.
public func multiply(
    _ left: borrowing Factor, _ right: borrowing Factor, m: Int, n: Int, k: Int, scale: Float = 1, keeping: Float = 0,
    into result: consuming MutableSpan<Float>, stride: Int
) {
    precondition(left.holds(rows: m, columns: k) && right.holds(rows: k, columns: n), "a factor is too small")
    precondition(n <= stride && (m == 0 || (m - 1) * stride + n <= result.count), "the result is too small")
    if m == 0 || n == 0 { return }
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
