/// A line of JSON with a document.
struct TextRecord: LineRecord {
    let text: String

    static let example = #"{"text": "..."}"#

    static func problem(in object: JSONValue) -> String? { problem(in: object, strings: ["text"]) }
}
