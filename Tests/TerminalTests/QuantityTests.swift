import Terminal
import Testing

@Suite("Numbers as people read them")
struct QuantityTests {
    @Test(arguments: [
        (0, "0"), (999, "999"), (1000, "1,000"), (-1_234_567, "-1,234,567"),
        (Int.min, "-9,223,372,036,854,775,808"),
    ])
    func count(value: Int, text: String) {
        #expect(Quantity.count(value) == text)
    }

    @Test(arguments: [
        (0.0, "0.00"), (3.414, "3.41"), (12.34, "12.3"), (99.96, "100"), (456, "456"), (999.6, "1.00k"),
        (12_345, "12.3k"), (1.5e6, "1.50M"), (2e16, "20.0P"), (2e22, "20000E"), (.nan, "?"), (.infinity, "?"),
    ])
    func short(value: Double, text: String) {
        #expect(Quantity.short(value) == text)
    }

    @Test(arguments: [(7.89e12, "7.89 TFLOP"), (12, "12.0 FLOP"), (.nan, "? FLOP")])
    func unit(value: Double, text: String) {
        #expect(Quantity.short(value, unit: "FLOP") == text)
    }

    @Test(arguments: [(0, "0 B"), (999, "999 B"), (1000, "1.00 kB"), (10_741_674, "10.7 MB"), (-2000, "-2.00 kB")])
    func bytes(value: Int, text: String) {
        #expect(Quantity.bytes(value) == text)
    }

    @Test(arguments: [(1.005, 1, "1.0"), (-0.01, 1, "0.0"), (-1.26, 1, "-1.3"), (0.0625, 3, "0.063"), (2.5, 0, "3")])
    func fixed(value: Double, decimals: Int, text: String) {
        #expect(Quantity.fixed(value, decimals) == text)
    }

    @Test(arguments: [
        (0.4, "0:00"), (7, "0:07"), (59.6, "1:00"), (754, "12:34"), (11_109, "3:05:09"), (183_909, "2 d 03:05:09"),
        (-1, "?"), (.infinity, "?"),
    ])
    func time(seconds: Double, text: String) {
        #expect(Quantity.time(seconds) == text)
    }

    @Test(arguments: [
        (0.0, "0.0e+00"), (0.00048, "4.8e-04"), (5e-4, "5.0e-04"), (0.999e-3, "1.0e-03"), (1, "1.0e+00"),
        (9.96, "1.0e+01"),
        (-123, "-1.2e+02"), (.infinity, "?"),
    ])
    func scientific(value: Double, text: String) {
        #expect(Quantity.scientific(value) == text)
    }
}
