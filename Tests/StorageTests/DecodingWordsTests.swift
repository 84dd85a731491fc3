import Foundation
import Storage
import Testing

/// The words for people about JSON that does not decode. They are not the decoder's own prose.
@Suite struct DecodingWordsTests {
    private struct Sample: Codable {
        enum Kind: String, Codable { case one }
        struct Part: Codable { var size: Int }

        var name: String
        var count: UInt8
        var parts: [Part]
        var kind: Kind
        var isLast: Bool
    }

    private static let sound = #"{"name": "a", "count": 1, "parts": [{"size": 1}], "kind": "one", "isLast": true}"#

    @Test(arguments: [
        (#""a""#, "7", "name is not a text"), (#""a""#, "null", "name is null"),
        (#""name": "a", "#, "", "name is missing"),
        (#""count": 1"#, #""count": 300"#, "it is not valid JSON, or has a number out of range"),
        (#""count": 1"#, #""count": "1""#, "count is not a number"), (#"[{"size": 1}]"#, "{}", "parts is not a list"),
        (#""size": 1"#, #""size": []"#, "parts.0.size is not a number"),
        (#""size": 1"#, #""length": 1"#, "parts.0.size is missing"), (#"{"size": 1}"#, "1", "parts.0 is not an object"),
        (#""one""#, #""two""#, "kind is unknown"), ("true", "2", "isLast is not true or false"),
        (sound, "{", "it is not valid JSON, or has a number out of range"),
        (sound, "", "it is not valid JSON, or has a number out of range"),
        (sound, "[]", "the JSON is not an object"),
    ])
    func areOurOwn(_ part: String, _ replacement: String, _ expected: String) throws {
        let json = Self.sound.replacingOccurrences(of: part, with: replacement)
        let error = try #require(throws: DecodingError.self) {
            _ = try JSONDecoder().decode(Sample.self, from: Data(json.utf8))
        }
        #expect(words(of: error) == expected)
    }
}
