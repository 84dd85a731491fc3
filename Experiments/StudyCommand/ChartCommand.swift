import ArgumentParser
import Foundation
import Study

/// `study chart`: a picture from a table of points.
struct ChartCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chart",
        abstract: "Draw curves as SVG: JSON lines with 'curve', 'x', 'y' and perhaps 'half_width', to standard output.")

    private struct Point: Decodable {
        var curve: String
        var x: Double
        var y: Double
        var halfWidth: Double?

        private enum CodingKeys: String, CodingKey {
            case curve, x, y
            case halfWidth = "half_width"
        }
    }

    @Argument(help: "The points.")
    var points: String

    @Option var title: String
    @Option var horizontal: String
    @Option var vertical: String

    func run() throws {
        let lines = try String(contentsOfFile: points, encoding: .utf8).split(separator: "\n")
        let all = try lines.map { try JSONDecoder().decode(Point.self, from: Data($0.utf8)) }
        var names: [String] = []
        for point in all where !names.contains(point.curve) { names.append(point.curve) }
        let curves = names.map { name in
            let own = all.filter { $0.curve == name }.sorted { $0.x < $1.x }
            return LineChart.Curve(name, own.map { ($0.x, $0.y) }, halfWidths: own.map { $0.halfWidth ?? 0 })
        }
        print(LineChart(title, horizontal: horizontal, vertical: vertical, curves: curves).svg, terminator: "")
    }
}
