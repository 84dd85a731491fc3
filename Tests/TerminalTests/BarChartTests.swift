import Terminal
import Testing

@Suite("Bar charts")
struct BarChartTests {
    private var chart: BarChart {
        var chart = BarChart()
        chart.append("one", 1, "1")
        chart.append("sixteen", 16, "16")
        chart.append("none", 0, "0")
        return chart
    }

    @Test func barsAreInProportion() {
        // 29 columns: 2 + 7 + 2 for labels, 2 + 2 for values, 2 to spare, and 14 for bars.
        let lines = chart.text(on: Canvas(columns: 29, showsColor: false)).split(separator: "\n")
        #expect(lines[0] == "      one  ▉                1")
        #expect(lines[1] == "  sixteen  ██████████████  16")
        #expect(lines[2] == "     none                   0")
    }

    @Test func aLineFitsItsTerminal() {
        for columns in 1...120 {
            for line in chart.text(on: Canvas(columns: columns, showsColor: false)).split(separator: "\n") {
                #expect(line.count <= max(columns, 15), "\(columns): \(line)")
            }
        }
        #expect(!chart.text(on: Canvas(columns: 16, showsColor: false)).contains("█"), "no room, no bar")
    }

    @Test func whatIsNotNothingIsSeen() {
        var chart = BarChart(maximum: 1)
        chart.append("little", 1e-9, "0.0 %")
        chart.append("all", 1, "100.0 %")
        chart.append("more", 7, "?")
        chart.append("not a number", .nan, "?")
        let lines = chart.text(on: Canvas(columns: nil, showsColor: false)).split(separator: "\n")
        #expect(lines[0].contains("▏") && lines[1].count { $0 == "█" } == 40 && lines[2].count { $0 == "█" } == 40)
        #expect(!lines[3].contains("█") && !lines[3].contains("▏"))
    }

    @Test func labelsAreNoCommands() {
        var chart = BarChart()
        chart.append("\u{1B}[31m", 1, "\u{7}")
        #expect(!chart.text(on: Canvas(columns: 80, showsColor: true)).contains("\u{1B}"))
    }
}
