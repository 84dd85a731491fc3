/// Splits text as the pattern of GPT-2's tokenizer does (`encoder.py` of openai/gpt-2), which RoBERTa has too:
///
///     's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
///
/// Nothing is dropped: the pieces one after the other are the text.
struct ByteLevelSplitter: Sendable {
    private let characters = ByteLevelCharacters.shared

    /// Where the piece that begins at `start` ends; `start` must be below the text's count, the text UTF-8.
    @inline(__always)
    func end(of text: Span<UInt8>, from start: Int) -> Int {
        let (first, next) = decodeScalar(text, at: start)
        let firstClass = characters.characterClass(of: first)
        if first == UInt32(UInt8(ascii: "'")), let end = contraction(in: text, from: next) { return end }
        if firstClass != .space { return endOfRun(of: firstClass, in: text, from: next) }
        if first == UInt32(UInt8(ascii: " ")), next < text.count {
            let (second, afterSecond) = decodeScalar(text, at: next)
            let secondClass = characters.characterClass(of: second)
            if secondClass != .space { return endOfRun(of: secondClass, in: text, from: afterSecond) }
        }
        return endOfSpaces(in: text, from: start, next)
    }

    /// The end of the letters behind an apostrophe that stand for a word.
    private func contraction(in text: Span<UInt8>, from start: Int) -> Int? {
        guard start < text.count else { return nil }
        let second = start + 1 < text.count ? text[start + 1] : 0
        switch (text[start], second) {
        case (UInt8(ascii: "s"), _), (UInt8(ascii: "t"), _), (UInt8(ascii: "m"), _), (UInt8(ascii: "d"), _):
            return start + 1
        case (UInt8(ascii: "r"), UInt8(ascii: "e")), (UInt8(ascii: "v"), UInt8(ascii: "e")),
            (UInt8(ascii: "l"), UInt8(ascii: "l")):
            return start + 2
        default:
            return nil
        }
    }

    @inline(__always)
    private func endOfRun(of characterClass: ByteLevelCharacters.Class, in text: Span<UInt8>, from start: Int) -> Int {
        var position = start
        while position < text.count {
            let (scalar, next) = decodeScalar(text, at: position)
            if characters.characterClass(of: scalar) != characterClass { break }
            position = next
        }
        return position
    }

    /// A run of spaces leaves its last one to the piece that follows, unless it is the only one.
    private func endOfSpaces(in text: Span<UInt8>, from start: Int, _ second: Int) -> Int {
        var last = start
        var position = second
        while position < text.count {
            let (scalar, next) = decodeScalar(text, at: position)
            if characters.characterClass(of: scalar) != .space { return last > start ? last : position }
            last = position
            position = next
        }
        return position
    }
}
