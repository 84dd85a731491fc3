/// Time spent in each of some stages.
struct StageTimes {
    private var seconds: [(stage: String, total: Double)] = []
    private let clock = ContinuousClock()

    mutating func measure<Result>(_ stage: String, _ work: () throws -> Result) rethrows -> Result {
        let start = clock.now
        defer {
            let elapsed = (clock.now - start) / .seconds(1)
            if let index = seconds.firstIndex(where: { $0.stage == stage }) {
                seconds[index].total += elapsed
            } else {
                seconds.append((stage, elapsed))
            }
        }
        return try work()
    }

    private var total: Double { seconds.reduce(0) { $0 + $1.total } }

    /// The stages' part of the time of all.
    func share(of stages: Set<String>) -> Double {
        seconds.filter { stages.contains($0.stage) }.reduce(0) { $0 + $1.total } / total
    }

    func report(tokens: Int, masked: Int) {
        for (stage, time) in seconds + [("all", total)] {
            print(
                "  \(stage): \(percent(time / total)), \(fixed(time / Double(masked) * 1e6, 1)) µs a masked position,"
                    + " \(fixed(Double(tokens) / time / 1e3, 1)) thousand tokens/s")
        }
    }
}

func fixed(_ value: Double, _ places: Int) -> String {
    var scale = 1.0
    for _ in 0..<places { scale *= 10 }
    return "\((value * scale).rounded() / scale)"
}

func percent(_ share: Double) -> String { fixed(100 * share, 1) + " %" }
