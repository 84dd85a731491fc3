/// As much of a text from a file as an error should quote: one line, without characters that a terminal would obey.
func excerpt(_ text: String) -> String {
    let limit = 100
    let start = text.unicodeScalars.prefix(limit).map { scalar in
        scalar.properties.generalCategory == .control ? "\u{FFFD}" : String(scalar)
    }
    return start.joined() + (text.unicodeScalars.count > limit ? "…" : "")
}
