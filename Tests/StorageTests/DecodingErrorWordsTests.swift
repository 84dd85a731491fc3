import FoundationEssentials
import Storage
import Testing

/// What is wrong with JSON is said in our own words, whatever Foundation's are.
@Suite struct DecodingErrorWordsTests {
    private struct Record: Decodable {
        struct Part: Decodable { let name: String }
        let count: Int
        let parts: [Part]
        let isWhole: Bool
    }

    @Test(arguments: [
        ("{", "it is not valid JSON, or a number in it does not fit"),
        ("{\"count\": 5.5}", "it is not valid JSON, or a number in it does not fit"),
        ("[]", "it is not an object"), ("{}", "count is missing"),
        ("{\"count\": \"5\"}", "count is not a whole number"),
        ("{\"count\": null}", "count is null, not a whole number"),
        ("{\"count\": 5, \"parts\": 5}", "parts is not a list"),
        ("{\"count\": 5, \"parts\": [{\"name\": 5}]}", "parts: element 0: name is not a string"),
        ("{\"count\": 5, \"parts\": [], \"isWhole\": 1}", "isWhole is not true or false"),
    ])
    func areOurs(json: String, expected: String) {
        let error = #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(Record.self, from: Data(json.utf8))
        }
        #expect(error.map { words(of: $0) } == expected)
    }
}
