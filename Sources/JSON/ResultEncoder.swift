import FoundationEssentials

extension JSONEncoder {
    /// Writes what this program found out, as `--json` prints it: names in snake case and in their order.
    package static var ofResults: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return encoder
    }
}
