import JSON

/// A line of JSON with a document.
struct TextRecord: LineRecord {
    let text: String

    static let example = #"{"text": "..."}"#

    init(_ object: JSONValue) throws(UnfitRecord) {
        text = try object.string("text")
    }
}
