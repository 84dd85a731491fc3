/// The mean of some values and its 95 % interval by Student's t, for values that would be different with another seed.
public struct MeanInterval: Codable, Sendable, Hashable {
    public let mean: Double
    /// Half of the interval's width; `nil` of a single value.
    public let halfWidth: Double?
    public let values: [Double]

    /// - Precondition: there is a value.
    public init(_ values: [Double]) {
        let count = Double(values.count)
        let mean = values.reduce(0, +) / count
        self.mean = mean
        self.values = values
        if values.count > 1 {
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
            halfWidth =
                StudentDistribution.quantile975(degreesOfFreedom: values.count - 1) * (variance / count).squareRoot()
        } else {
            halfWidth = nil
        }
    }

    /// Whether 0 lies outside: of differences, whether there is one. Values that are all the same, except for rounding, do not
    /// tell how much others would differ, so the answer is no.
    public var excludesZero: Bool { halfWidth.map { abs(mean) > $0 && $0 > abs(mean) * 1e-12 } ?? false }
}

/// Student's t distribution.
package enum StudentDistribution {
    /// The 97.5 % quantile of Student's t.
    package static func quantile975(degreesOfFreedom n: Int) -> Double {
        precondition(n > 0)
        if n <= firstQuantiles.count { return firstQuantiles[n - 1] }
        // The series in 1/n from the normal quantile (Fisher & Cornish 1960); less than 1e-5 off from here on.
        let z = 1.959_963_984_540_054
        let square = z * z
        let terms = [
            (square + 1) * z / 4,
            ((5 * square + 16) * square + 3) * z / 96,
            (((3 * square + 19) * square + 17) * square - 15) * z / 384,
            ((((79 * square + 776) * square + 1482) * square - 1920) * square - 945) * z / 92160,
        ]
        return z + terms.reversed().reduce(0) { ($0 + $1) / Double(n) }
    }

    /// Of 1 to 10 degrees of freedom.
    private static let firstQuantiles = [
        12.706_204_736, 4.302_652_730, 3.182_446_305, 2.776_445_105, 2.570_581_836, 2.446_911_851, 2.364_624_252,
        2.306_004_135, 2.262_157_163, 2.228_138_852,
    ]
}
