import JSON

/// A line of JSON with ids.
struct IDRecord: LineRecord {
    let inputIDs: [Int]

    static let example = #"{"input_ids": [5, 6, 7]}"#

    init(_ object: JSONValue) throws(UnfitRecord) {
        guard let ids = object["input_ids"] else { throw UnfitRecord(problem: "there is no \"input_ids\"") }
        guard let elements = ids.elements else {
            throw UnfitRecord(problem: "\"input_ids\" is \(ids.summary), not a list")
        }
        inputIDs = try elements.map { (id) throws(UnfitRecord) -> Int in
            if let integer = id.integer { return integer }
            let isTooLarge = id.double.map { $0 == $0.rounded() } ?? false
            throw UnfitRecord(
                problem: isTooLarge ? "the id \(id.summary) is too large" : "the id \(id.summary) is not an integer")
        }
    }
}
