import Kernels
import Random

extension ParameterArena {
    /// Starts the word embeddings from the text: tokens that occur near the same tokens get similar vectors.
    ///
    /// They take the dimensions that ``initializeLocally(_:)`` leaves to words, at the same deviation. Tokens that the text does not
    /// have keep their vectors. Thousands of steps of training from random vectors do not get as far (`docs/study.md`).
    ///
    /// - Parameters:
    ///   - sequences: token ids below the vocabulary's size. Of a long text, a part is enough, and is all that is looked at.
    ///   - special: tokens that stand for no text.
    public func initializeWords(
        of encoder: TransformerEncoder, from sequences: some RandomAccessCollection<ArraySlice<Int32>>,
        special: Set<Int32>, seed: UInt64
    ) {
        let locality = Locality(encoder.configuration)
        let tensor = encoder.parameters.wordEmbeddings
        let (vocabulary, width) = (tensor.shape[0], tensor.shape[1])
        let dimensions = width - locality.width
        let cooccurrences = Cooccurrences(of: sequences, vocabularySize: vocabulary, excluding: special)
        if cooccurrences.contexts.isEmpty || dimensions < 1 { return }
        let isSeen = cooccurrences.becomeMutualInformation()
        let stream = RandomStream(seed: seed, purpose: .initialization)
        let spectral = SpectralEmbeddings(
            cooccurrences.counts, rows: vocabulary, columns: cooccurrences.contexts.count,
            rank: min(dimensions, SpectralEmbeddings.largestRank), stream: stream)
        let vectors = spectral.spread(over: dimensions, rows: vocabulary, stream: stream)
        let values = vectors.span
        let rows = isSeen.indices.filter { isSeen[$0] }
        var squares = 0.0
        for row in rows {
            for element in row * dimensions..<(row + 1) * dimensions {
                squares += Double(values[element] * values[element])
            }
        }
        let deviation = (squares / Double(rows.count * dimensions)).squareRoot()
        // Where all tokens occur near all others, there is nothing to tell them apart by.
        guard deviation > 1e-4 else { return }
        let scale = Locality.wordDeviation / Float(deviation)
        var words = mutableSpan(of: tensor)
        for row in rows {
            for dimension in 0..<dimensions {
                words[row * width + locality.width + dimension] = scale * values[row * dimensions + dimension]
            }
        }
    }
}
