import Foundation

/// Curves as an SVG picture that reads the same on paper and in a browser: one color and one mark a curve, a legend, ticks.
public struct LineChart: Sendable {
    public struct Curve: Sendable {
        public var name: String
        public var points: [(x: Double, y: Double)]
        /// Half of each point's 95 % interval; empty where there is none.
        public var halfWidths: [Double]

        public init(_ name: String, _ points: [(x: Double, y: Double)], halfWidths: [Double] = []) {
            (self.name, self.points, self.halfWidths) = (name, points, halfWidths)
        }
    }

    public var title: String
    public var horizontal: String
    public var vertical: String
    public var curves: [Curve]

    public init(_ title: String, horizontal: String, vertical: String, curves: [Curve]) {
        (self.title, self.horizontal, self.vertical, self.curves) = (title, horizontal, vertical, curves)
    }

    private static let colors = ["#1b6ca8", "#c2410c", "#15803d", "#7e22ce", "#525252", "#b91c1c"]
    private static let size = (width: 640.0, height: 400.0)
    private static let plot = (left: 64.0, right: 470.0, top: 36.0, bottom: 350.0)

    public var svg: String {
        let points = curves.flatMap(\.points)
        let spread = curves.flatMap { curve in
            curve.points.indices.flatMap { index -> [Double] in
                let half = index < curve.halfWidths.count ? curve.halfWidths[index] : 0
                return [curve.points[index].y - half, curve.points[index].y + half]
            }
        }
        let (xTicks, yTicks) = (Self.ticks(points.map(\.x)), Self.ticks(spread))
        guard let x0 = xTicks.first, let x1 = xTicks.last, let y0 = yTicks.first, let y1 = yTicks.last else {
            return ""
        }
        let plot = Self.plot
        func x(_ value: Double) -> String {
            Self.number(plot.left + (value - x0) / (x1 - x0) * (plot.right - plot.left))
        }
        func y(_ value: Double) -> String {
            Self.number(plot.bottom - (value - y0) / (y1 - y0) * (plot.bottom - plot.top))
        }
        var lines = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(Self.number(Self.size.width)) "
                + "\(Self.number(Self.size.height))\" font-family=\"sans-serif\" font-size=\"12\">",
            "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>",
            "<text x=\"\(Self.number(plot.left))\" y=\"20\" font-size=\"14\">\(Self.escaped(title))</text>",
            "<text x=\"\(Self.number(plot.left))\" y=\"388\">\(Self.escaped(horizontal))</text>",
            "<text x=\"14\" y=\"\(Self.number(plot.bottom))\" transform=\"rotate(-90 14 \(Self.number(plot.bottom)))\">"
                + "\(Self.escaped(vertical))</text>",
        ]
        for tick in xTicks {
            lines.append("<text x=\"\(x(tick))\" y=\"366\" text-anchor=\"middle\">\(Self.label(tick))</text>")
        }
        for tick in yTicks {
            lines.append(
                "<path d=\"M\(Self.number(plot.left)) \(y(tick))H\(Self.number(plot.right))\" stroke=\"#ddd\"/>"
                    + "<text x=\"\(Self.number(plot.left - 6))\" y=\"\(y(tick))\" dy=\"4\" text-anchor=\"end\">"
                    + "\(Self.label(tick))</text>")
        }
        for (index, curve) in curves.enumerated() {
            let color = Self.colors[index % Self.colors.count]
            let path = curve.points.map { "\(x($0.x)) \(y($0.y))" }.joined(separator: "L")
            lines.append("<path d=\"M\(path)\" fill=\"none\" stroke=\"\(color)\" stroke-width=\"2\"/>")
            for (point, half) in zip(curve.points, curve.halfWidths) {
                lines.append(
                    "<path d=\"M\(x(point.x)) \(y(point.y - half))V\(y(point.y + half))\" stroke=\"\(color)\"/>")
            }
            for point in curve.points {
                lines.append("<circle cx=\"\(x(point.x))\" cy=\"\(y(point.y))\" r=\"3\" fill=\"\(color)\"/>")
            }
            let legend = Self.number(50 + 20 * Double(index))
            lines.append(
                "<circle cx=\"486\" cy=\"\(legend)\" r=\"4\" fill=\"\(color)\"/>"
                    + "<text x=\"496\" y=\"\(legend)\" dy=\"4\">\(Self.escaped(curve.name))</text>")
        }
        return (lines + ["</svg>"]).joined(separator: "\n") + "\n"
    }

    /// Round numbers, four to eight of them, that enclose all values.
    package static func ticks(_ values: [Double]) -> [Double] {
        guard let low = values.min(), let high = values.max() else { return [] }
        let span = high > low ? high - low : max(abs(high), 1)
        let power = pow(10, (log10(span / 4)).rounded(.down))
        let step = [1, 2, 5, 10].map { $0 * power }.first { span / $0 <= 5.000001 } ?? 10 * power
        let first = (low / step + 1e-9).rounded(.down)
        let last = max((high / step - 1e-9).rounded(.up), first + 1)
        return stride(from: first, through: last, by: 1).map { $0 * step }
    }

    private static func number(_ value: Double) -> String {
        let rounded = (value * 10).rounded() / 10
        return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
    }

    private static func label(_ value: Double) -> String {
        abs(value) >= 1e6
            ? "\(number(value / 1e6)) M" : abs(value) >= 10 ? number(value) : "\((value * 1000).rounded() / 1000)"
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}
