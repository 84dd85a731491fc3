import CKernels
import KernelChoice

/// Plain arithmetic on matrices of `width` columns.
public enum Rows {
    /// Every row of `output` becomes `row`: where a product with a bias starts from.
    public static func fill(_ output: consuming MutableSpan<Float>, with row: Span<Float>) {
        let (count, width) = (output.count, row.count)
        precondition(width > 0 && count % width == 0)
        output.withUnsafeMutableBufferPointer { output in
            row.withUnsafeBufferPointer { row in
                guard let start = output.baseAddress else { return }
                for index in 0..<count / width {
                    (start + index * width).update(from: row.baseAddress!, count: width)
                }
            }
        }
    }

    /// sums[c] += Σ over rows of matrix[row, c]: the gradient of a bias.
    public static func addColumnSums(of matrix: Span<Float>, to sums: consuming MutableSpan<Float>) {
        let (count, width) = (matrix.count, sums.count)
        precondition(width > 0 && count % width == 0)
        kernels.add_column_sums(matrix.address, sums.address, count / width, width)
    }

    /// sum[i] += addend[i]
    public static func add(_ addend: Span<Float>, to sum: consuming MutableSpan<Float>) {
        precondition(addend.count == sum.count)
        kernels.add(addend.address, sum.address, addend.count)
    }

    /// Copies.
    public static func copy(_ source: Span<Float>, to destination: consuming MutableSpan<Float>) {
        precondition(source.count == destination.count)
        let count = source.count
        source.withUnsafeBufferPointer { source in
            destination.withUnsafeMutableBufferPointer { destination in
                guard count > 0 else { return }
                destination.baseAddress!.update(from: source.baseAddress!, count: count)
            }
        }
    }

    /// output[i] = matrix[indices[i]]
    public static func gather(
        _ matrix: Span<Float>, at indices: Span<Int32>, width: Int, into output: consuming MutableSpan<Float>
    ) {
        precondition(output.count == indices.count * width)
        output.withUnsafeMutableBufferPointer { output in
            for index in indices.indices {
                let start = Int(indices[index]) * width
                matrix.extracting(start..<start + width).withUnsafeBufferPointer { row in
                    (output.baseAddress! + index * width).update(from: row.baseAddress!, count: width)
                }
            }
        }
    }

    /// matrix[indices[i]] += rows[i]
    public static func scatterAdd(
        _ rows: Span<Float>, to indices: Span<Int32>, width: Int, of matrix: consuming MutableSpan<Float>
    ) {
        precondition(rows.count == indices.count * width)
        let rowCount = matrix.count / width
        let (rows, matrix) = (rows.address, matrix.address)
        for index in indices.indices {
            let row = Int(indices[index])
            precondition(row >= 0 && row < rowCount)
            kernels.add(rows + index * width, matrix + row * width, width)
        }
    }

    /// Σ values[i]², in double precision across blocks: the norm of a gradient of a hundred million parameters.
    public static func sumOfSquares(_ values: Span<Float>) -> Double {
        kernels.sum_of_squares(values.address, values.count)
    }
}
