import Storage

/// Ids of a document, or of a part of it.
struct TokenChunk {
    let ids: [Int32]
    /// Whether the document's first ids.
    let startsDocument: Bool
    /// Whether the document's last ids as well.
    let isWhole: Bool
    let location: ErrorLocation

    /// Whether the ids are a sequence already: from the token that begins one to the one that ends it.
    func isSequence(_ special: SpecialTokenIDs) -> Bool {
        isWhole && ids.count >= 2 && ids.first == special.classification && ids.last == special.separator
    }
}

extension TokenSpace {
    /// Holds ids from outside against the vocabulary, and takes padding off the end of a document.
    func checked(
        _ numbers: some Collection<Int>, endsDocument: Bool = true, at location: (_ index: Int) -> ErrorLocation
    ) throws(CorpusError) -> [Int32] {
        var ids: [Int32] = []
        ids.reserveCapacity(numbers.count)
        for number in numbers {
            guard number >= 0, number < count else {
                throw CorpusError(
                    .idOutOfRange(number), "the id \(number) is not one of 0 to \(count - 1)", at: location(ids.count),
                    remedy: "Check that the ids were made with the tokenizer of the model")
            }
            ids.append(Int32(number))
        }
        while endsDocument, ids.last == special.padding { ids.removeLast() }
        if let index = ids.firstIndex(of: special.padding) {
            throw CorpusError(
                .paddingInside, "padding (id \(special.padding)) stands before other ids", at: location(index),
                remedy: "Leave padding out, or put it at the end")
        }
        return ids
    }
}
