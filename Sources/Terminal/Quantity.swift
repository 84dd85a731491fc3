/// Numbers as people read them.
package enum Quantity {
    /// `1234567` as `1,234,567`.
    package static func count(_ value: Int) -> String {
        var digits = ""
        for (index, digit) in String(value.magnitude).reversed().enumerated() {
            if index > 0, index % 3 == 0 { digits.append(",") }
            digits.append(digit)
        }
        return (value < 0 ? "-" : "") + String(digits.reversed())
    }

    /// Three significant digits and a decimal prefix: `0.52`, `3.41`, `12.3`, `456`, `7.89k`, `12.3M`.
    package static func short(_ value: Double) -> String {
        guard value.isFinite else { return "?" }
        var scaled = value
        var prefixes = ["", "k", "M", "G", "T", "P", "E"][...]
        while abs(scaled) >= 999.5, prefixes.count > 1 {
            scaled /= 1000
            prefixes.removeFirst()
        }
        let decimals = abs(scaled) >= 99.95 ? 0 : abs(scaled) >= 9.995 ? 1 : 2
        return fixed(scaled, decimals) + (prefixes.first ?? "")
    }

    /// Bytes in decimal units: `512 B`, `10.7 MB`.
    package static func bytes(_ value: Int) -> String {
        value.magnitude < 1000 ? "\(value) B" : short(Double(value), unit: "B")
    }

    /// Three significant digits, a decimal prefix and a unit: `7.89 TFLOP`.
    package static func short(_ value: Double, unit: String) -> String {
        var text = short(value)
        let prefix = text.last.flatMap { $0.isLetter ? text.popLast() : nil }
        return text + " " + (prefix.map(String.init) ?? "") + unit
    }

    /// `value` with `decimals` digits after the point.
    package static func fixed(_ value: Double, _ decimals: Int) -> String {
        guard value.isFinite else { return "?" }
        let power = (0..<decimals).reduce(1.0) { power, _ in power * 10 }
        let units = (abs(value) * power).rounded()
        guard units < 9e15 else { return "\(value)" }
        let whole = Int(units / power)
        let sign = value < 0 && units > 0 ? "-" : ""
        if decimals == 0 { return sign + String(whole) }
        let fraction = String(Int(units) - whole * Int(power))
        return sign + "\(whole)." + String(repeating: "0", count: decimals - fraction.count) + fraction
    }

    /// Two significant digits and a power of ten: `4.8e-04`.
    package static func scientific(_ value: Double) -> String {
        guard value.isFinite else { return "?" }
        var (digits, exponent) = (abs(value), 0)
        while digits >= 9.95 { (digits, exponent) = (digits / 10, exponent + 1) }
        while digits > 0, digits < 0.995 { (digits, exponent) = (digits * 10, exponent - 1) }
        return (value < 0 ? "-" : "") + fixed(digits, 1) + (exponent < 0 ? "e-" : "e+")
            + twoDigits(Int(exponent.magnitude))
    }

    /// Seconds as `0:07`, `12:34`, `3:05:09` or `2 d 03:05:09`.
    package static func time(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return "?" }
        let total = Int(seconds.rounded())
        let (days, hours, minutes) = (total / 86_400, total / 3600 % 24, total / 60 % 60)
        let tail = twoDigits(total % 60)
        if days > 0 { return "\(days) d \(twoDigits(hours)):\(twoDigits(minutes)):\(tail)" }
        if hours > 0 { return "\(hours):\(twoDigits(minutes)):\(tail)" }
        return "\(minutes):\(tail)"
    }

    private static func twoDigits(_ value: Int) -> String {
        value < 10 ? "0\(value)" : "\(value)"
    }
}
