import CKernels
import KernelChoice

/// result[m, n] = scale · left[m, k] · right[k, n] + keeping · result[m, n]
///
/// One thread: callers run several of these at once, each on sequences of its own, which keeps elementwise work in their
/// caches. The product is that of the ``KernelSet`` in use.
public func multiply(
    _ left: borrowing Factor, _ right: borrowing Factor, m: Int, n: Int, k: Int, scale: Float = 1, keeping: Float = 0,
    into result: consuming MutableSpan<Float>, stride: Int
) {
    precondition(left.holds(rows: m, columns: k) && right.holds(rows: k, columns: n), "a factor is too small")
    precondition(n <= stride && (m == 0 || (m - 1) * stride + n <= result.count), "the result is too small")
    if m == 0 || n == 0 { return }
    if KernelSet.inUse == .openblas, let library = OpenBLAS.library {
        library.multiply(left, right, m: m, n: n, k: k, scale: scale, keeping: keeping, into: result, stride: stride)
    } else {
        multiplyInTiles(
            fast_electra_product(
                m: m, n: n, k: k, left: left.forKernels, right: right.forKernels, panels: nil, laid_out_columns: 0,
                first_column: 0, scale: scale, keeping: keeping, bias: nil, result: result.address,
                result_stride: stride))
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
    if KernelSet.inUse == .openblas, let library = OpenBLAS.library {
        for row in 0..<m {
            for column in bias.indices { result[row * stride + column] = bias[column] }
        }
        library.multiply(left, right, m: m, n: n, k: k, keeping: 1, into: result, stride: stride)
    } else {
        multiplyInTiles(
            fast_electra_product(
                m: m, n: n, k: k, left: left.forKernels, right: right.forKernels, panels: nil, laid_out_columns: 0,
                first_column: 0, scale: 1, keeping: 0, bias: bias.address, result: result.address,
                result_stride: stride))
    }
}

/// result[m, columns] = left[m, k] · right[k, columns] + bias[columns]
///
/// - Parameters:
///   - columns: of `right`, from a multiple of ``PackedFactor/columnMultiple`` on.
///   - stride: floats from one row of the result to the next.
public func multiply(
    _ left: borrowing Factor, _ right: PackedFactor, columns: Range<Int>, m: Int, adding bias: Span<Float>,
    into result: consuming MutableSpan<Float>, stride: Int
) {
    precondition(left.holds(rows: m, columns: right.rowCount), "the left factor is too small")
    precondition(
        columns.upperBound <= right.columnCount && columns.lowerBound % PackedFactor.columnMultiple == 0)
    precondition(right.rowCount > 0 && bias.count == columns.count && columns.count <= stride)
    precondition(m == 0 || (m - 1) * stride + columns.count <= result.count, "the result is too small")
    if m == 0 || columns.isEmpty { return }
    let panels = right.panels.address
    multiplyInTiles(
        fast_electra_product(
            m: m, n: columns.count, k: right.rowCount, left: left.forKernels,
            right: fast_electra_factor(start: panels, stride: 0, is_transposed: false), panels: panels,
            laid_out_columns: right.columnCount, first_column: columns.lowerBound, scale: 1, keeping: 0,
            bias: bias.address, result: result.address, result_stride: stride))
}

private func multiplyInTiles(_ product: fast_electra_product) {
    withUnsafePointer(to: product) { kernels.multiply($0, PackingBuffer.ofThisThread.start) }
}

extension Factor {
    /// Good where ``Swift/Span/address`` of its elements is.
    var forKernels: fast_electra_factor {
        fast_electra_factor(start: elements.address, stride: stride, is_transposed: isTransposed)
    }
}
