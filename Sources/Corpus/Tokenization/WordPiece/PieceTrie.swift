/// The pieces of a vocabulary by their bytes, for the longest match.
///
/// Nodes are numbered breadth first, so that the children of a node follow each other, in the order of their labels.
struct PieceTrie: Sendable {
    /// The byte that leads to each node.
    private let labels: [UInt8]
    /// The children of node `n` are `firstChildren[n]..<firstChildren[n + 1]`.
    private let firstChildren: [Int32]
    /// The id of the piece that ends at each node, or -1.
    private let ids: [Int32]
    /// The child of the root by its label, or 0.
    private let rootChildren: [Int32]

    /// `pieces` must not be empty strings.
    init(_ pieces: [(bytes: ArraySlice<UInt8>, id: Int32)]) {
        let sorted = pieces.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        var labels: [UInt8] = [0]
        var ids: [Int32] = [-1]
        var firstChildren: [Int32] = []
        // The pieces below each node, and the node's depth.
        var ranges = [(pieces: sorted.indices, depth: 0)]
        var node = 0
        while node < ranges.count {
            let (range, depth) = ranges[node]
            firstChildren.append(Int32(labels.count))
            var start = range.lowerBound
            while start < range.upperBound {
                func byte(_ piece: Int) -> UInt8? {
                    let bytes = sorted[piece].bytes
                    return depth < bytes.count ? bytes[bytes.startIndex + depth] : nil
                }
                // The piece that ends at this node sorts first; the node has its id already.
                guard let label = byte(start) else {
                    start += 1
                    continue
                }
                var end = start + 1
                while end < range.upperBound, byte(end) == label { end += 1 }
                labels.append(label)
                ids.append(sorted[start].bytes.count == depth + 1 ? sorted[start].id : -1)
                ranges.append((start..<end, depth + 1))
                start = end
            }
            node += 1
        }
        firstChildren.append(Int32(labels.count))
        var rootChildren = [Int32](repeating: 0, count: 256)
        for child in firstChildren[0]..<firstChildren[1] { rootChildren[Int(labels[Int(child)])] = child }
        self.labels = labels
        self.firstChildren = firstChildren
        self.ids = ids
        self.rootChildren = rootChildren
    }

    /// The longest piece that `bytes` has from `start` on: its id and its end.
    func longestMatch(in bytes: Span<UInt8>, from start: Int) -> (id: Int32, end: Int)? {
        var match: (id: Int32, end: Int)?
        var node = Int(rootChildren[Int(bytes[start])])
        var position = start + 1
        while node != 0 {
            if ids[node] >= 0 { match = (ids[node], position) }
            if position == bytes.count { break }
            node = child(of: node, bytes[position])
            position += 1
        }
        return match
    }

    @inline(__always)
    private func child(of node: Int, _ label: UInt8) -> Int {
        for child in Int(firstChildren[node])..<Int(firstChildren[node + 1]) where labels[child] >= label {
            return labels[child] == label ? child : 0
        }
        return 0
    }
}
