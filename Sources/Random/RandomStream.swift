/// The purpose of random numbers. Two purposes never share a key, so no draw of one can repeat in another.
///
/// Raw values are part of the file format's contract (`docs/format.md`): a reader in another language draws the same
/// numbers. Never renumber them.
public enum RandomPurpose: UInt32, Sendable {
    /// Which positions of a sequence are masked.
    case masking = 1
    /// The Gumbel variables of the races.
    case race = 2
    /// The draws of the replay sampler.
    case replay = 3
    /// The order in which training visits sequences.
    case shuffle = 4
    /// Dropout of activations.
    case dropout = 5
    /// The initial values of parameters.
    case initialization = 6
    /// Which part of a data set is looked at.
    case inspection = 7
    /// Which positions are masked while a generator is trained.
    case generatorTrainingMasks = 8
    /// The numbers with which the first visits of any training run draw a position: the writer of a shard knows them.
    case pool = 9
    /// Which of several streams of sequences training takes the next one from.
    case mixture = 10
    /// Which tokens of its sequence `[CLS]` is asked for.
    case sentenceTargets = 11
}

/// Random numbers for one purpose under one seed, addressed by (pass, sequence, position, draw).
///
/// The key of the underlying ``Philox4x32`` is the first two words of Philox keyed by the seed (low word first) at the
/// counter (purpose, 0, 0, 0). The counter of a draw is (draw, position, low half of the sequence, pass × 2^16 + high
/// half of the sequence): sequences are numbered below 2^48 and passes below 2^16.
public struct RandomStream: Sendable, Hashable {
    @usableFromInline package let generator: Philox4x32

    public init(seed: UInt64, purpose: RandomPurpose) {
        let root = Philox4x32(key: SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32)))
        let words = root.words(at: SIMD4(purpose.rawValue, 0, 0, 0))
        generator = Philox4x32(key: SIMD2(words.x, words.y))
    }

    /// The four random words of one draw.
    @inlinable
    public func words(pass: UInt32, sequence: UInt64, position: UInt32, draw: UInt32) -> SIMD4<UInt32> {
        generator.words(
            at: SIMD4(
                draw, position, UInt32(truncatingIfNeeded: sequence),
                pass &<< 16 | UInt32(truncatingIfNeeded: sequence >> 32)))
    }

    /// Random numbers of one (pass, sequence, position), one after another, as Swift's standard library wants them.
    @inlinable
    public func draws(pass: UInt32, sequence: UInt64, position: UInt32) -> Draws {
        Draws(stream: self, pass: pass, sequence: sequence, position: position)
    }

    /// The draws 0, 1, 2, ... of one address; each draw gives two 64-bit numbers (words 0 and 1, then words 2 and 3).
    public struct Draws: RandomNumberGenerator, Sendable {
        @usableFromInline package let stream: RandomStream
        @usableFromInline package let pass: UInt32
        @usableFromInline package let sequence: UInt64
        @usableFromInline package let position: UInt32
        @usableFromInline package var draw: UInt32 = 0
        @usableFromInline var pending: UInt64?

        @inlinable
        init(stream: RandomStream, pass: UInt32, sequence: UInt64, position: UInt32) {
            self.stream = stream
            self.pass = pass
            self.sequence = sequence
            self.position = position
        }

        @inlinable
        public mutating func next() -> UInt64 {
            if let number = pending {
                pending = nil
                return number
            }
            let words = stream.words(pass: pass, sequence: sequence, position: position, draw: draw)
            draw &+= 1
            pending = UInt64(words.w) << 32 | UInt64(words.z)
            return UInt64(words.y) << 32 | UInt64(words.x)
        }
    }
}
