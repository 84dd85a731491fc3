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
    /// The characters, then with `##` those that continue a word.
    let tokens: [String]

    /// The `limit` most frequent characters of `text`; of equally frequent ones the lowest.
    init(of text: WordCounts, limit: Int) {
        let ranked = text.characterCounts().sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }
        characters = ranked.prefix(max(0, limit)).map(\.key).sorted()
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
