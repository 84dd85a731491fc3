import Finetuning
import Study
import Testing

@Suite struct PairedTestTests {
    /// Student's sleep data (Student 1908): R's `t.test(extra ~ group, paired = TRUE)` gives t = -4.0621, p = 0.002833,
    /// interval -2.4598858 to -0.7001142.
    @Test func studentsOwnExampleAgreesWithR() throws {
        let first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
        let second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
        let test = PairedTest(first, second)
        #expect(abs(test.difference.mean - -1.58) < 1e-12)
        #expect(abs(try #require(test.difference.halfWidth) - 0.8798858) < 1e-6)
        #expect(abs(try #require(test.probability) - 0.00283289) < 1e-7)
        #expect(test.difference.excludesZero)
    }

    @Test func orderOnlyTurnsTheSign() throws {
        let (one, two) = (PairedTest([3, 5, 4.5], [2, 3, 4]), PairedTest([2, 3, 4], [3, 5, 4.5]))
        #expect(one.difference.mean == -two.difference.mean)
        #expect(one.probability == two.probability)
    }

    @Test func aSinglePairHasNoSpread() {
        let test = PairedTest([1], [0.5])
        #expect(test.probability == nil)
        #expect(test.difference.halfWidth == nil)
        #expect(!test.difference.excludesZero)
    }

    @Test func equalDifferencesAreCertain() {
        #expect(PairedTest([2, 3, 4], [1, 2, 3]).probability == 0)
        #expect(PairedTest([2, 3], [2, 3]).probability == 1)
    }

    @Test(arguments: [
        // Known values: I_x(a, 1) = x^a, I_x(1, b) = 1 - (1 - x)^b, and the symmetric case.
        (0.3, 2.5, 1.0, 0.049295), (0.2, 1.0, 3.0, 0.488), (0.5, 4.0, 4.0, 0.5),
    ])
    func incompleteBeta(x: Double, a: Double, b: Double, expected: Double) {
        #expect(abs(PairedTest.incompleteBeta(x, a, b) - expected) < 1e-6)
    }
}
