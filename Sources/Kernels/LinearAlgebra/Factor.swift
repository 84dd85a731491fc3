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
