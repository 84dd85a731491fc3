/// An option of the command line and the words behind it.
struct GivenOption {
    /// With its dashes; empty for the words before the first option.
    let name: String
    let words: [String]

    /// The values behind the name.
    var values: [String] {
        guard let first = words.first else { return [] }
        let joined = first.firstIndex(of: "=").map { [String(first[first.index(after: $0)...])] } ?? []
        return joined + words.dropFirst()
    }

    /// A word that begins with two dashes begins an option.
    static func groups(of words: some Sequence<String>) -> [GivenOption] {
        var groups: [GivenOption] = []
        for word in words {
            if word.hasPrefix("--") {
                groups.append(GivenOption(name: String(word.prefix { $0 != "=" }), words: [word]))
            } else if let last = groups.popLast() {
                groups.append(GivenOption(name: last.name, words: last.words + [word]))
            } else {
                groups.append(GivenOption(name: "", words: [word]))
            }
        }
        return groups
    }
}
