import Kernels
import Testing

@Suite struct RowsTests {
    @Test(arguments: [1, 15, 16, 17, 40]) func everyOperationAgreesWithItsDefinition(width: Int) {
        let rows = 3
        let matrix = (0..<rows * width).map { Float($0 * 7 % 23) - 11 }
        let row = (0..<width).map { Float($0) + 0.5 }

        var filled = [Float](repeating: .nan, count: rows * width)
        Rows.fill(filled.mutableSpan, with: row.span)
        #expect(filled == row + row + row)

        var sums = row
        Rows.addColumnSums(of: matrix.span, to: sums.mutableSpan)
        #expect(sums == (0..<width).map { row[$0] + matrix[$0] + matrix[width + $0] + matrix[2 * width + $0] })

        var sum = matrix
        Rows.add(filled.span, to: sum.mutableSpan)
        #expect(sum == zip(matrix, filled).map { $0 + $1 })

        let indices: [Int32] = [2, 0, 2, 1]
        var gathered = [Float](repeating: .nan, count: 4 * width)
        Rows.gather(matrix.span, at: indices.span, width: width, into: gathered.mutableSpan)
        #expect(gathered == indices.flatMap { matrix[Int($0) * width..<(Int($0) + 1) * width] })

        var scattered = [Float](repeating: 1, count: rows * width)
        Rows.scatterAdd(gathered.span, to: indices.span, width: width, of: scattered.mutableSpan)
        #expect(scattered == matrix.indices.map { 1 + matrix[$0] * ($0 >= 2 * width ? 2 : 1) }, "row 2 came twice")
    }

    @Test(arguments: [0, 1, 17, 4096, 4097, 10_000]) func sumOfSquares(count: Int) {
        let values = (0..<count).map { Float($0 % 13) - 6 }
        let expected = values.reduce(0.0) { $0 + Double($1) * Double($1) }
        #expect(abs(Rows.sumOfSquares(values.span) - expected) <= 1e-6 * expected)
    }
}
