import JSON

/// A line of JSON with two texts that belong together, named as transformers' tokenizers name them.
struct PairRecord: LineRecord {
    let text: String
    let pair: String

    static let example = #"{"text": "...", "text_pair": "..."}"#

    init(_ object: JSONValue) throws(UnfitRecord) {
        text = try object.string("text")
        pair = try object.string("text_pair")
    }
}
