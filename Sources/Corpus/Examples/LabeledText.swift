import JSON

/// A text, or a pair of texts, with its label.
public struct LabeledText: Sendable, Hashable {
    public var label: String
    public var text: String
    /// The second text of a pair.
    public var pair: String?
    /// The line of its file, from 1.
    public var line: Int

    public init(label: String, text: String, pair: String? = nil, line: Int) {
        self.label = label
        self.text = text
        self.pair = pair
        self.line = line
    }
}

extension LabeledText {
    /// A line of JSON. A label may be a number, or true or false; it is then taken as it would be written.
    struct Record: LineRecord {
        let label: String
        let text: String
        let pair: String?

        static let example = #"{"label": "...", "text": "..."}"#

        init(_ object: JSONValue) throws(UnfitRecord) {
            guard let label = object["label"] else { throw UnfitRecord(problem: "there is no \"label\"") }
            text = try object.string("text")
            pair = object["text_pair"]?.isNull == true ? nil : try object.optionalString("text_pair")
            guard let name = label.text ?? label.integer.map({ "\($0)" }) ?? label.truth.map({ "\($0)" }) else {
                throw UnfitRecord(problem: "\"label\" is neither a string, a whole number, true nor false")
            }
            if name.isEmpty { throw UnfitRecord(problem: "\"label\" is empty") }
            self.label = name
        }
    }
}
