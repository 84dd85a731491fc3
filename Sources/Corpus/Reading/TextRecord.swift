/// A line of JSON with a document.
struct TextRecord: LineRecord {
    let text: String

    static let example = #"{"text": "..."}"#

    static func problem(in object: JSONValue) -> String? {
        guard let text = object["text"] else { return "there is no \"text\"" }
        return text.text == nil ? "\"text\" is \(text.summary), not a string" : nil
    }
}
