import CLibrary
import Kernels
import Random

/// Vectors of tokens whose inner products tell which tokens occur in the same places: U S^½ of the leading part U S Vᵀ of a matrix
/// (Levy, Goldberg & Dagan 2015, section 3.3, with the eigenvalues' exponent ½).
///
/// The leading part is found by subspace iteration from a random start (Halko, Martinsson & Tropp 2011, algorithm 4.4). One thread.
package struct SpectralEmbeddings {
    /// [rows, ``rank``]
    package let vectors: FloatBuffer
    package let rank: Int

    /// More directions cost time, and tell less.
    package static let largestRank = 256
    /// Subspaces have some more dimensions than the part that is kept.
    private static let margin = 8
    private static let iterations = 4

    /// - Parameters:
    ///   - matrix: [rows, columns]
    ///   - rank: how many directions are kept; fewer where the matrix has fewer.
    package init(_ matrix: FloatBuffer, rows: Int, columns: Int, rank: Int, stream: RandomStream) {
        let size = min(rank + Self.margin, rows, columns)
        self.rank = min(rank, size)
        var draws = stream.draws(pass: 1, sequence: 0, position: 0)
        let basis = FloatBuffer(count: size * columns)  // [size, columns], orthonormal rows
        var start = basis.mutableSpan
        for index in start.indices { start[index] = Float.standardNormal(from: &draws) }
        Self.orthonormalize(basis, rows: size, columns: columns)
        let image = FloatBuffer(count: rows * size)  // [rows, size]
        for iteration in 0...Self.iterations {
            multiply(
                Factor(matrix.span, stride: columns), Factor(basis.span, stride: columns).transposed, m: rows, n: size,
                k: columns, into: image.mutableSpan, stride: size)
            if iteration == Self.iterations { break }
            multiply(
                Factor(image.span, stride: size).transposed, Factor(matrix.span, stride: columns), m: size, n: columns,
                k: rows, into: basis.mutableSpan, stride: columns)
            Self.orthonormalize(basis, rows: size, columns: columns)
        }
        let gram = FloatBuffer(count: size * size)
        multiply(
            Factor(image.span, stride: size).transposed, Factor(image.span, stride: size), m: size, n: size, k: rows,
            into: gram.mutableSpan, stride: size)
        // image = U S Wᵀ and gram = W S² Wᵀ, so U S^½ = image · W S^-½.
        let eigen = SymmetricEigenvectors(gram, size: size)
        let turn = FloatBuffer(count: size * self.rank)
        var turned = turn.mutableSpan
        for column in 0..<self.rank {
            let square = eigen.values[column]
            // A direction that the matrix does not have is rounding, and no vector points there.
            let scale = square > eigen.values[0] * 1e-10 ? pow(square, -0.25) : 0
            for row in 0..<size { turned[row * self.rank + column] = Float(eigen.vectors[column][row] * scale) }
        }
        vectors = FloatBuffer(count: rows * self.rank)
        multiply(
            Factor(image.span, stride: size), Factor(turn.span, stride: self.rank), m: rows, n: self.rank, k: size,
            into: vectors.mutableSpan, stride: self.rank)
    }

    /// The same vectors in another basis, which has random directions: no dimension is larger than others.
    ///
    /// - Returns: [rows, dimensions]
    /// - Precondition: `dimensions` is at least ``rank``.
    package func spread(over dimensions: Int, rows: Int, stream: RandomStream) -> FloatBuffer {
        precondition(dimensions >= rank)
        var draws = stream.draws(pass: 2, sequence: 0, position: 0)
        let directions = FloatBuffer(count: rank * dimensions)
        var span = directions.mutableSpan
        for index in span.indices { span[index] = Float.standardNormal(from: &draws) }
        Self.orthonormalize(directions, rows: rank, columns: dimensions)
        let result = FloatBuffer(count: rows * dimensions)
        multiply(
            Factor(vectors.span, stride: rank), Factor(directions.span, stride: dimensions), m: rows, n: dimensions,
            k: rank, into: result.mutableSpan, stride: dimensions)
        return result
    }

    /// Gram and Schmidt, twice for each row, which is enough (Giraud et al. 2005). Rows that depend on those before become zeros.
    package static func orthonormalize(_ matrix: FloatBuffer, rows: Int, columns: Int) {
        var span = matrix.mutableSpan
        for row in 0..<rows {
            let before = norm(span, row, columns)
            for _ in 0..<2 {
                for other in 0..<row {
                    var product = 0.0
                    for column in 0..<columns {
                        product += Double(span[row * columns + column]) * Double(span[other * columns + column])
                    }
                    for column in 0..<columns {
                        span[row * columns + column] -= Float(product) * span[other * columns + column]
                    }
                }
            }
            let after = norm(span, row, columns)
            let scale = after > before * 1e-5 ? Float(1 / after) : 0
            for column in 0..<columns { span[row * columns + column] *= scale }
        }
    }

    private static func norm(_ span: borrowing MutableSpan<Float>, _ row: Int, _ columns: Int) -> Double {
        var sum = 0.0
        for column in 0..<columns { sum += Double(span[row * columns + column]) * Double(span[row * columns + column]) }
        return sum.squareRoot()
    }
}
