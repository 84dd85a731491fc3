/// JSON of any shape whose numbers stay within ±2^53: counts read from it can be added to without overflow.
struct BoundedNumbers: Decodable {
    private static let limit = 0x1p53

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Double.self) {
            guard abs(number) <= Self.limit else {
                throw DecodingError.dataCorruptedError(
                    in: container, debugDescription: "\(number) is more than can have been counted")
            }
        } else if container.decodeNil() || (try? container.decode(Bool.self)) != nil
            || (try? container.decode(String.self)) != nil
        {
            return
        } else if (try? decoder.unkeyedContainer()) != nil {
            _ = try container.decode([BoundedNumbers].self)
        } else {
            _ = try container.decode([String: BoundedNumbers].self)
        }
    }
}
