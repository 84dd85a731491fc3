import CLibrary
import Kernels

/// Eigenvalues and eigenvectors of a small symmetric matrix, the largest first, by Jacobi's rotations (Golub & Van Loan 2013, section 8.5).
package struct SymmetricEigenvectors {
    package let values: [Double]
    /// One for each value.
    package let vectors: [[Double]]

    private static let sweeps = 30

    /// - Parameter matrix: [size, size]
    package init(_ matrix: FloatBuffer, size: Int) {
        let source = matrix.span
        var a = (0..<size).map { row in (0..<size).map { Double(source[row * size + $0]) } }
        // Rows of v become eigenvectors.
        var v = (0..<size).map { row in (0..<size).map { $0 == row ? 1.0 : 0 } }
        for _ in 0..<Self.sweeps {
            var (offDiagonal, diagonal) = (0.0, 0.0)
            for row in 0..<size {
                diagonal += a[row][row] * a[row][row]
                for column in row + 1..<max(size, row + 1) { offDiagonal += a[row][column] * a[row][column] }
            }
            if offDiagonal <= 1e-22 * diagonal { break }
            for p in 0..<size {
                for q in p + 1..<max(size, p + 1) where abs(a[p][q]) > 1e-300 {
                    let theta = (a[q][q] - a[p][p]) / (2 * a[p][q])
                    let t = (theta < 0 ? -1 : 1) / (abs(theta) + (theta * theta + 1).squareRoot())
                    let c = 1 / (t * t + 1).squareRoot()
                    let s = t * c
                    for k in 0..<size {
                        (a[k][p], a[k][q]) = (c * a[k][p] - s * a[k][q], s * a[k][p] + c * a[k][q])
                    }
                    for k in 0..<size {
                        (a[p][k], a[q][k]) = (c * a[p][k] - s * a[q][k], s * a[p][k] + c * a[q][k])
                        (v[p][k], v[q][k]) = (c * v[p][k] - s * v[q][k], s * v[p][k] + c * v[q][k])
                    }
                }
            }
        }
        let order = (0..<size).sorted { (a[$1][$1], $0) < (a[$0][$0], $1) }
        values = order.map { max(0, a[$0][$0]) }
        vectors = order.map { v[$0] }
    }
}
