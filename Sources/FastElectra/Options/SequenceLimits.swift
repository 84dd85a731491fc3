import ArgumentParser
import Corpus

/// The limits of several commands for sequences and masks.
enum SequenceLimits {
    static func validate(maxLength: Int, maskProbability: Double) throws {
        guard (3...65535).contains(maxLength) else {
            throw ValidationError("'--max-length' takes 3 to 65535, not \(maxLength)")
        }
        guard maskProbability > 0, maskProbability <= 1 else {
            throw ValidationError("'--mask-probability' takes a number above 0 and up to 1, not \(maskProbability)")
        }
    }
}

extension Masking {
    /// Masks with a vocabulary's own tokens.
    init(_ special: SpecialTokenIDs, probability: Double) {
        self.init(probability: probability, maskToken: special.mask, specialTokens: special.all)
    }
}
