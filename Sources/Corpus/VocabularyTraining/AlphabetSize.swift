/// The rule for the number of characters that a vocabulary keeps; the most frequent ones are kept.
public enum AlphabetSize: Sendable, Hashable {
    /// This many.
    case count(Int)
    /// As many as make up this share of the text, from 0 to 1, and at least a number of them.
    case coverage(Double, atLeast: Int)
}
