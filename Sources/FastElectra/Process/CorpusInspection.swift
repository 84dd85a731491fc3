import Corpus
import Generate
import Terminal

/// A look at the text before days of work on it: whether all of it can be read, and whether the vocabulary can spell it.
struct CorpusInspection {
    private let corpus: CorpusInput
    private let masking: Masking
    private let maxLength: Int

    /// Sequences that are tokenized for it.
    private static let sampleCount = 1024

    init(_ corpus: CorpusInput, masking: Masking, maxLength: Int) {
        self.corpus = corpus
        self.masking = masking
        self.maxLength = maxLength
    }

    /// Checks the text, and prints warnings about it.
    ///
    /// - Throws: where there is nothing to mask, or something cannot be read.
    func run(_ progress: ProgressOptions) throws {
        try checkSample()
        let display = ProgressDisplay("Checking the text", unit: "bytes", style: progress.style)
        let counts = try corpus.check(maxLength: maxLength) { done, total in
            display.show(Int(done), of: Int(total))
            try Interruption.check()
        }
        display.finish()
        let warnings = TextWarnings(counts: counts, files: corpus.files)
        warnings.showReplacements()
        warnings.showInvalidText()
    }

    /// Looks at the first sequences; at more of them only as long as there was nothing to mask.
    private func checkSample() throws {
        var sequences = try corpus.sequences(maxLength: maxLength)
        var count = 0
        var canMask = false
        while !canMask || count < Self.sampleCount, let sequence = try sequences.next() {
            count += 1
            canMask = canMask || masking.canMask(sequence.tokens)
            if count % 256 == 0 { try Interruption.check() }
        }
        if count == 0 { throw GenerationError(.noSequences, corpus.files[0]) }
        if !canMask { throw GenerationError(.nothingToMask, corpus.files[0]) }
        TextWarnings(counts: sequences.counts, files: corpus.files)
            .showUnknownTokens(
                of: count < Self.sampleCount ? "the text" : "the first \(Quantity.count(count)) sequences")
    }
}
