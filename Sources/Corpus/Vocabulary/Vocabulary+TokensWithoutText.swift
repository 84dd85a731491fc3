extension Vocabulary {
    /// Tokens that stand for no text: the special ones, those that other models have in their place, and those that are reserved.
    var tokensWithoutText: Set<Int32> {
        var ids = special.all
        for id in 0..<Int32(count) where Self.standsForNoText(token(id)) { ids.insert(id) }
        return ids
    }

    /// Names that some family of models gives to tokens that begin, end, fill and mask sequences.
    private static let names = Set(
        SpecialTokenNames().all + SpecialTokenNames.roberta.all
            + ["<cls>", "<sep>", "<bos>", "<eos>", "[BOS]", "[EOS]", "<|endoftext|>"])

    /// The text before and after the number of a reserved token: BERT's, XLNet's and Gemma's, RoBERTa's.
    private static let reserved = [("[unused", "]"), ("<unused", ">"), ("madeupword", "")]

    private static func standsForNoText(_ token: String) -> Bool {
        if names.contains(token) { return true }
        return reserved.contains { start, end in
            guard token.hasPrefix(start), token.hasSuffix(end) else { return false }
            let number = token.dropFirst(start.count).dropLast(end.count)
            return !number.isEmpty && number.allSatisfy { $0.isASCII && $0.isNumber }
        }
    }
}
