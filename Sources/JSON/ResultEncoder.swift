import FoundationEssentials

extension JSONEncoder {
    /// Writes the results of this program, as `--json` prints them: names in snake case and in their order.
    package static var ofResults: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return encoder
    }
}
