import Finetuning
import Testing

@Suite struct MeanIntervalTests {
    /// SciPy's `t.ppf(0.975, n)`.
    @Test(arguments: [
        (1, 12.706204736174694), (2, 4.302652729749462), (5, 2.5705818356363146), (10, 2.228138851986274),
        (11, 2.200985160091639), (15, 2.131449545559776), (20, 2.085963447265864), (30, 2.0422724563012378),
        (100, 1.9839715185235518),
    ])
    func quantiles(degrees: Int, expected: Double) {
        #expect(abs(StudentDistribution.quantile975(degreesOfFreedom: degrees) - expected) < 1e-5)
    }

    /// SciPy: `sem(x) * t.ppf(0.975, 3)`.
    @Test func ofFourValues() throws {
        let interval = MeanInterval([0.65, 0.641, 0.64, 0.651])
        #expect(abs(interval.mean - 0.6455) < 1e-12)
        #expect(abs(try #require(interval.halfWidth) - 0.009232751544941374) < 1e-9)
        #expect(interval.excludesZero)
        #expect(!MeanInterval([-0.01, 0.02, 0.005]).excludesZero)
    }

    /// Two or three seeds often have the same accuracy, above all on few examples.
    @Test func equalValuesExcludeNothing() {
        for values in [[0.2, 0.2], [0.75 - 0.55, 0.7 - 0.5, 0.6 - 0.4], [-0.1, -0.1, -0.1], [0, 0]] {
            #expect(!MeanInterval(values).excludesZero)
        }
        #expect(MeanInterval([0.2, 0.2001]).excludesZero)
    }

    @Test func oneValueHasNoInterval() {
        let interval = MeanInterval([0.5])
        #expect(interval.mean == 0.5 && interval.halfWidth == nil && !interval.excludesZero)
    }
}
