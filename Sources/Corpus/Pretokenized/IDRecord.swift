/// A line of JSON with ids.
struct IDRecord: LineRecord {
    let inputIDs: [Int]

    enum CodingKeys: String, CodingKey { case inputIDs = "input_ids" }

    static let example = #"{"input_ids": [5, 6, 7]}"#

    static func problem(in object: JSONValue) -> String? {
        guard let ids = object["input_ids"] else { return "there is no \"input_ids\"" }
        guard let elements = ids.elements else { return "\"input_ids\" is \(ids.summary), not a list" }
        for id in elements {
            guard case .number(let number) = id, let value = Double(number), value == value.rounded() else {
                return "the id \(id.summary) is not an integer"
            }
            if abs(value) >= 0x1p63 { return "the id \(number) is too large" }
        }
        return nil
    }
}
