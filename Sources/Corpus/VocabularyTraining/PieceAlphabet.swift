/// The characters that pieces are built from, as word starts (`c`) and continuations (`##c`).
struct PieceAlphabet {
    /// Characters beyond the most frequent ones are left out of the words they stand in.
    static let limit = 1000

    /// In the order of their ids: word starts by code point, then continuations by code point.
    private(set) var pieces: [String] = []
    /// Distinct characters left out.
    let droppedCount: Int
    private var starts: [Unicode.Scalar: Int32] = [:]
    private var continuations: [Unicode.Scalar: Int32] = [:]

    init(_ words: [(scalars: [Unicode.Scalar], count: Int)]) {
        var frequencies: [Unicode.Scalar: Int] = [:]
        var inner: Set<Unicode.Scalar> = []
        for word in words {
            for scalar in word.scalars { frequencies[scalar, default: 0] += word.count }
            inner.formUnion(word.scalars.dropFirst())
        }
        let byFrequency = frequencies.sorted { $0.value > $1.value || $0.value == $1.value && $0.key < $1.key }
        let kept = byFrequency.prefix(Self.limit).map(\.key).sorted()
        droppedCount = frequencies.count - kept.count
        for scalar in kept {
            starts[scalar] = Int32(pieces.count)
            pieces.append(String(scalar))
        }
        for scalar in kept where inner.contains(scalar) {
            continuations[scalar] = Int32(pieces.count)
            pieces.append("##" + String(scalar))
        }
    }

    /// A word as pieces of one character each.
    func pieces(of scalars: [Unicode.Scalar]) -> [Int32] {
        var pieces: [Int32] = []
        for scalar in scalars {
            let form = pieces.isEmpty ? starts[scalar] : continuations[scalar]
            if let form { pieces.append(form) }
        }
        return pieces
    }
}
