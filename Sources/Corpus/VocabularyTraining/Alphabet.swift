/// The characters that a vocabulary can spell.
struct Alphabet {
    /// Words as the indices of their characters' tokens, with how often each occurs.
    struct Spelling {
        var words: [[Int32]] = []
        var counts: [Int] = []
    }

    /// In the order of their code points.
    let characters: [Unicode.Scalar]
    let droppedCharacters: Int
    /// The share of the text's characters that are in the alphabet, from 0 to 1.
    let coverage: Double
    /// The characters, then with `##` those that continue a word.
    let tokens: [String]

    /// Of equally frequent characters of `text` the lowest are kept.
    init(of text: WordCounts, size: AlphabetSize) {
        let ranked = text.characterCounts().sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }
        let total = ranked.reduce(0) { $0 + $1.value }
        let limit: Int
        switch size {
        case .count(let count): limit = max(0, count)
        case .coverage(let share, let least):
            let wanted = Double(total) * share
            var covered = 0
            let needed = ranked.prefix { entry in
                defer { covered += entry.value }
                return Double(covered) < wanted
            }
            limit = max(needed.count, least)
        }
        characters = ranked.prefix(limit).map(\.key).sorted()
        coverage = Double(ranked.prefix(limit).reduce(0) { $0 + $1.value }) / Double(max(total, 1))
        droppedCharacters = ranked.count - characters.count
        let kept = Set(characters)
        var continuing: Set<Unicode.Scalar> = []
        for index in 0..<text.words.count {
            let word = text.scalars(of: index)
            if word.allSatisfy(kept.contains) { continuing.formUnion(word.dropFirst()) }
        }
        tokens = characters.map { String($0) } + continuing.sorted().map { "##\($0)" }
    }

    /// The words of `text` that the alphabet can spell, by the numbers their characters have in `table`.
    func spell(_ text: WordCounts, in table: ByteStringTable) -> Spelling {
        var starting: [Unicode.Scalar: Int32] = [:]
        var continuing = starting
        for character in characters {
            starting[character] = table.index(of: Array(String(character).utf8).span).map { Int32($0) }
            continuing[character] = table.index(of: Array("##\(character)".utf8).span).map { Int32($0) }
        }
        var spelling = Spelling()
        for index in 0..<text.words.count {
            let word = text.scalars(of: index)
            let symbols = word.enumerated().compactMap { $0 == 0 ? starting[$1] : continuing[$1] }
            if symbols.count == word.count {
                spelling.words.append(symbols)
                spelling.counts.append(text.counts[index])
            }
        }
        return spelling
    }
}
