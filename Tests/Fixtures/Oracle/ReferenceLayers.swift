import CLibrary
package import Kernels

/// The layers of a transformer as their papers have them, in double precision.
extension Matrix {
    /// Every element through an activation.
    package func activated(by activation: Activation) -> Matrix {
        switch activation {
        case .gelu: map { 0.5 * $0 * erfc(-$0 / 2.0.squareRoot()) }
        case .geluTanh: map { 0.5 * $0 * (1 + tanh((2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0))) }
        case .relu: map { max($0, 0) }
        case .silu: map { $0 / (1 + exp(-$0)) }
        }
    }

    /// Of each row.
    package var softmax: Matrix {
        var result = self
        for row in 0..<rows {
            let largest = (0..<columns).map { self[row, $0] }.max()!
            let weights = (0..<columns).map { exp(self[row, $0] - largest) }
            let sum = weights.reduce(0, +)
            for column in 0..<columns { result[row, column] = weights[column] / sum }
        }
        return result
    }

    /// log Σ exp of one row.
    package func logSumOfExponentials(row: Int) -> Double {
        let largest = (0..<columns).map { self[row, $0] }.max()!
        return largest + log((0..<columns).reduce(0) { $0 + exp(self[row, $1] - largest) })
    }

    /// Of each row; `weight` and `bias` have one row.
    package func layerNorm(weight: Matrix, bias: Matrix, epsilon: Double) -> Matrix {
        var result = self
        for row in 0..<rows {
            let mean = (0..<columns).reduce(0) { $0 + self[row, $1] } / Double(columns)
            let variance =
                (0..<columns).reduce(0) { $0 + (self[row, $1] - mean) * (self[row, $1] - mean) } / Double(columns)
            for column in 0..<columns {
                let normalized = (self[row, column] - mean) / (variance + epsilon).squareRoot()
                result[row, column] = normalized * weight[0, column] + bias[0, column]
            }
        }
        return result
    }

    /// self · weightᵀ + bias; `bias` has one row.
    package func linear(weight: Matrix, bias: Matrix) -> Matrix {
        let product = self * weight.transposed
        return Matrix(rows: rows, columns: product.columns) { product[$0, $1] + bias[0, $1] }
    }
}
