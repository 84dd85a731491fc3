/// The p-value of the two numbers of a pair being independent; bands of few pairs are merged.
func independenceP(_ pairs: [(Int, Int)]) -> Double {
    func merged(_ values: [Int]) -> [Int] {
        let common = Set(Dictionary(grouping: values, by: { $0 }).filter { $1.count > values.count / 20 }.keys)
        return values.map { common.contains($0) ? $0 : -1 }
    }
    let first = merged(pairs.map(\.0))
    let second = merged(pairs.map(\.1))
    let rows = Dictionary(grouping: first, by: { $0 }).mapValues(\.count)
    let columns = Dictionary(grouping: second, by: { $0 }).mapValues(\.count)
    var cells: [[Int]: Int] = [:]
    for (one, other) in zip(first, second) { cells[[one, other], default: 0] += 1 }
    var statistic = 0.0
    for (row, rowCount) in rows {
        for (column, columnCount) in columns {
            let expected = Double(rowCount) * Double(columnCount) / Double(pairs.count)
            let observed = Double(cells[[row, column]] ?? 0)
            statistic += (observed - expected) * (observed - expected) / expected
        }
    }
    return chiSquareP(statistic, degreesOfFreedom: (rows.count - 1) * (columns.count - 1))
}
