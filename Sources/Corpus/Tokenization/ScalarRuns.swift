/// The scalars of a list of hexadecimal numbers and ranges, `41-5A 61`.
struct ScalarRuns: Sequence {
    private let ranges: [ClosedRange<UInt32>]

    init(_ text: String) {
        ranges = text.split(separator: " ").map { run in
            let ends = run.split(separator: "-").map { hexadecimal($0) }
            return ends[0]...ends[ends.count - 1]
        }
    }

    func makeIterator() -> some IteratorProtocol<UInt32> { ranges.lazy.joined().makeIterator() }
}

/// The targets that scalars are mapped to, from runs of hexadecimal numbers: `A-B=T` maps each of A to B to T, `A-B>T`
/// maps them to T, T+1 and so on, `A-B:T` every second one to T, T+2 and so on; T may be several joined by full stops.
struct ScalarMapping: Sendable {
    /// In ascending order.
    let sources: [UInt32]
    /// Where in `targets` those of each source begin, and their end.
    private let starts: [Int]
    private let targets: [UInt32]

    init(_ text: String) {
        var entries: [(source: UInt32, targets: [UInt32])] = []
        for run in text.split(separator: " ") {
            let sign = run.firstIndex { "=>:".contains($0) } ?? run.startIndex
            let ends = run[..<sign].split(separator: "-").map { hexadecimal($0) }
            let targets = run[run.index(after: sign)...].split(separator: ".").map { hexadecimal($0) }
            let step: UInt32 = run[sign] == "=" ? 0 : run[sign] == ">" ? 1 : 2
            for source in stride(from: ends[0], through: ends[ends.count - 1], by: Int(max(step, 1))) {
                entries.append((source, targets.map { step == 0 ? $0 : $0 + (source - ends[0]) }))
            }
        }
        entries.sort { $0.source < $1.source }
        sources = entries.map(\.source)
        targets = entries.flatMap(\.targets)
        starts = entries.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.targets.count) }
    }

    func forEachTarget(of source: UInt32, _ body: (UInt32) -> Void) {
        guard let index = index(of: source) else { return }
        for target in targets[starts[index]..<starts[index + 1]] { body(target) }
    }

    /// The first target.
    func target(of source: UInt32) -> UInt32? { index(of: source).map { targets[starts[$0]] } }

    private func index(of source: UInt32) -> Int? {
        var low = 0
        var high = sources.count
        while low < high {
            let middle = (low + high) / 2
            if sources[middle] < source { low = middle + 1 } else { high = middle }
        }
        return low < sources.count && sources[low] == source ? low : nil
    }
}

/// The tables are ours: something else than a number there is a bug here.
private func hexadecimal(_ text: Substring) -> UInt32 {
    guard let value = UInt32(text, radix: 16) else { preconditionFailure("\(text) is not hexadecimal") }
    return value
}
