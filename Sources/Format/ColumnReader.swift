/// The columns of a block whose layout is known to cover its bytes exactly.
struct ColumnReader {
    private let content: UnsafeBufferPointer<UInt8>
    private let layout: BlockLayout

    /// - Returns: nil if the layout does not cover `content` exactly.
    init?(content: UnsafeBufferPointer<UInt8>, layout: BlockLayout) {
        guard layout.byteCount == content.count else { return nil }
        self.content = content
        self.layout = layout
    }

    /// A column of two-byte elements.
    func codes(_ column: Column) -> [UInt16] {
        let entry = layout[column]
        return [UInt16](unsafeUninitializedCapacity: entry.count) { codes, count in
            let low = plane(0, of: entry)
            let high = plane(1, of: entry)
            for index in 0..<entry.count {
                codes.initializeElement(at: index, to: UInt16(low[index]) | UInt16(high[index]) << 8)
            }
            count = entry.count
        }
    }

    /// A column of two- or four-byte elements. Values of 2^31 and more come out negative.
    func numbers(_ column: Column) -> [Int32] {
        let entry = layout[column]
        return [Int32](unsafeUninitializedCapacity: entry.count) { numbers, count in
            let first = plane(0, of: entry)
            let second = plane(1, of: entry)
            if entry.width == 2 {
                for index in 0..<entry.count {
                    numbers.initializeElement(at: index, to: Int32(first[index]) | Int32(second[index]) << 8)
                }
            } else {
                let third = plane(2, of: entry)
                let fourth = plane(3, of: entry)
                for index in 0..<entry.count {
                    let low = Int32(first[index]) | Int32(second[index]) << 8
                    numbers.initializeElement(
                        at: index, to: low | Int32(third[index]) << 16 | Int32(fourth[index]) << 24)
                }
            }
            count = entry.count
        }
    }

    private func plane(_ index: Int, of entry: BlockLayout.Entry) -> UnsafeBufferPointer<UInt8> {
        let start = entry.offset + index * entry.count
        return UnsafeBufferPointer(rebasing: content[start..<(start + entry.count)])
    }
}
