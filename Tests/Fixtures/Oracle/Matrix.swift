/// A row-major matrix of doubles, as plain as can be. Float32 kernels are measured against it.
package struct Matrix: Sendable {
    package let rows: Int
    package let columns: Int
    package var elements: [Double]

    package init(rows: Int, columns: Int, elements: [Double]) {
        precondition(elements.count == rows * columns)
        self.rows = rows
        self.columns = columns
        self.elements = elements
    }

    package init(rows: Int, columns: Int, _ element: (_ row: Int, _ column: Int) -> Double) {
        var elements: [Double] = []
        elements.reserveCapacity(rows * columns)
        for row in 0..<rows {
            for column in 0..<columns { elements.append(element(row, column)) }
        }
        self.init(rows: rows, columns: columns, elements: elements)
    }

    package subscript(row: Int, column: Int) -> Double {
        get { elements[row * columns + column] }
        set { elements[row * columns + column] = newValue }
    }

    package var transposed: Matrix { Matrix(rows: columns, columns: rows) { self[$1, $0] } }

    package func columns(_ range: Range<Int>) -> Matrix {
        Matrix(rows: rows, columns: range.count) { self[$0, range.lowerBound + $1] }
    }

    package func map(_ transform: (Double) -> Double) -> Matrix {
        Matrix(rows: rows, columns: columns, elements: elements.map(transform))
    }

    package static func * (left: Matrix, right: Matrix) -> Matrix {
        precondition(left.columns == right.rows)
        return Matrix(rows: left.rows, columns: right.columns) { row, column in
            var sum = 0.0
            for index in 0..<left.columns { sum += left[row, index] * right[index, column] }
            return sum
        }
    }

    package static func + (left: Matrix, right: Matrix) -> Matrix {
        precondition(left.rows == right.rows && left.columns == right.columns)
        return Matrix(rows: left.rows, columns: left.columns, elements: zip(left.elements, right.elements).map(+))
    }

    /// The sum of the products of elements: a loss whose gradient by `self` is `weights`.
    package func dot(_ weights: Matrix) -> Double {
        zip(elements, weights.elements).reduce(0) { $0 + $1.0 * $1.1 }
    }
}
