/// A text, or a pair of texts, with what it is an example of.
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

        enum CodingKeys: String, CodingKey {
            case label, text
            case pair = "text_pair"
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            if let number = try? container.decode(Int.self, forKey: .label) {
                label = "\(number)"
            } else if let truth = try? container.decode(Bool.self, forKey: .label) {
                label = "\(truth)"
            } else {
                label = try container.decode(String.self, forKey: .label)
            }
            text = try container.decode(String.self, forKey: .text)
            pair = try container.decodeIfPresent(String.self, forKey: .pair)
        }

        static let example = #"{"label": "...", "text": "..."}"#

        static func problem(in object: JSONValue) -> String? {
            if object["label"] == nil { return "there is no \"label\"" }
            return problem(in: object, strings: object["text_pair"] == nil ? ["text"] : ["text", "text_pair"])
                ?? "\"label\" is neither a string nor a number"
        }
    }
}
