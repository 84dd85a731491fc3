/// How often each word occurs in a text.
struct WordCounts {
    private(set) var words = ByteStringTable()
    /// Occurrences of each of `words`.
    private(set) var counts: [Int] = []
    /// Occurrences of all words, those too long to be tokenized included.
    private(set) var total = 0

    mutating func add(_ text: Span<UInt8>, splitBy splitter: WordSplitter) {
        splitter.forEachWord(in: text) { word in
            total += 1
            guard let word else { return }
            let (index, isNew) = words.insert(word)
            if isNew { counts.append(1) } else { counts[index] += 1 }
        }
    }

    /// The scalars of word `index`.
    func scalars(of index: Int) -> String.UnicodeScalarView {
        String(decoding: words[index], as: UTF8.self).unicodeScalars
    }

    /// How often each character occurs.
    func characterCounts() -> [Unicode.Scalar: Int] {
        var characters: [Unicode.Scalar: Int] = [:]
        for index in 0..<words.count {
            for scalar in scalars(of: index) { characters[scalar, default: 0] += counts[index] }
        }
        return characters
    }
}
