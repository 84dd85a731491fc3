/// Token ids that follow one another, written as a pair: the first and the last.
public struct TokenRange: Codable, Sendable, Hashable, CustomStringConvertible {
    public var first: Int32
    public var last: Int32

    public init(_ ids: ClosedRange<Int32>) {
        first = ids.lowerBound
        last = ids.upperBound
    }

    public init(from decoder: any Decoder) throws {
        var pair = try decoder.unkeyedContainer()
        first = try pair.decode(Int32.self)
        last = try pair.decode(Int32.self)
        if !pair.isAtEnd {
            throw DecodingError.dataCorruptedError(in: pair, debugDescription: "a range of tokens has two ends")
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var pair = encoder.unkeyedContainer()
        try pair.encode(first)
        try pair.encode(last)
    }

    public var description: String { "\(first)-\(last)" }

    /// Ids as ranges, ascending.
    public static func ranges(of ids: some Sequence<Int32>) -> [TokenRange] {
        var ranges: [TokenRange] = []
        for id in Set(ids).sorted() {
            if let last = ranges.last, last.last == id - 1 {
                ranges[ranges.count - 1].last = id
            } else {
                ranges.append(TokenRange(id...id))
            }
        }
        return ranges
    }
}
