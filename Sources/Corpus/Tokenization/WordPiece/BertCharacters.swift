/// The treatment of a Unicode scalar by BERT's normalizer and pre-tokenizer, looked up in ``BertCharacterTables``.
struct BertCharacters: Sendable {
    struct Traits: OptionSet, Sendable {
        let rawValue: UInt8
        static let removed = Traits(rawValue: 1)
        static let space = Traits(rawValue: 2)
        static let punctuation = Traits(rawValue: 4)
        static let ideograph = Traits(rawValue: 8)
        /// Dropped where accents are stripped.
        static let mark = Traits(rawValue: 16)
        /// Its canonical combining class is not 0.
        static let ordered = Traits(rawValue: 32)
        /// Stripping accents makes something else of it.
        static let decomposes = Traits(rawValue: 64)
        static let hasLowercase = Traits(rawValue: 128)
    }

    static let shared = BertCharacters()

    /// One a scalar value.
    private let traits: [UInt8]
    private let combiningClasses: ScalarMapping
    private let bases: ScalarMapping
    private let lowercase: ScalarMapping

    private init() {
        var traits = [UInt8](repeating: 0, count: 0x110000)
        func mark(_ scalars: some Sequence<UInt32>, _ trait: Traits) {
            for scalar in scalars { traits[Int(scalar)] |= trait.rawValue }
        }
        combiningClasses = ScalarMapping(BertCharacterTables.combiningClasses)
        bases = ScalarMapping(BertCharacterTables.bases)
        lowercase = ScalarMapping(BertCharacterTables.lowercase)
        mark(ScalarRuns(BertCharacterTables.removed), .removed)
        mark(ScalarRuns(BertCharacterTables.spaces), .space)
        mark(ScalarRuns(BertCharacterTables.punctuation), .punctuation)
        mark(ScalarRuns(BertCharacterTables.ideographs), .ideograph)
        mark(ScalarRuns(BertCharacterTables.marks), .mark)
        mark(ScalarRuns(BertCharacterTables.orderedMarks), .ordered)
        mark(combiningClasses.sources, .ordered)
        mark(bases.sources, .decomposes)
        mark(lowercase.sources, .hasLowercase)
        mark(HangulSyllable.range, .decomposes)
        self.traits = traits
    }

    /// `scalar` must be below 0x110000.
    func traits(of scalar: UInt32) -> Traits { Traits(rawValue: traits[Int(scalar)]) }

    /// Canonical combining class of a mark that stripping keeps; 0 for all else.
    func combiningClass(of scalar: UInt32) -> UInt32 { combiningClasses.target(of: scalar) ?? 0 }

    /// Passes on the scalars that stripping accents makes of a scalar that `decomposes`.
    func decompose(_ scalar: UInt32, _ body: (UInt32) -> Void) {
        if let syllable = HangulSyllable(scalar) {
            syllable.forEachJamo(body)
        } else {
            bases.forEachTarget(of: scalar, body)
        }
    }

    /// The first scalar that stripping accents makes of a scalar that `decomposes`; nil for a Hangul syllable.
    func base(of scalar: UInt32) -> UInt32? { bases.target(of: scalar) }

    /// Passes on the lower case of a scalar that `hasLowercase`.
    func lowercase(_ scalar: UInt32, _ body: (UInt32) -> Void) { lowercase.forEachTarget(of: scalar, body) }
}

/// A precomposed Hangul syllable, taken apart by arithmetic (Unicode Standard, section 3.12).
private struct HangulSyllable {
    static let range = UInt32(0xAC00)...0xD7A3
    private let index: UInt32

    init?(_ scalar: UInt32) {
        guard Self.range.contains(scalar) else { return nil }
        index = scalar - Self.range.lowerBound
    }

    func forEachJamo(_ body: (UInt32) -> Void) {
        body(0x1100 + index / 588)
        body(0x1161 + index % 588 / 28)
        if index % 28 != 0 { body(0x11A7 + index % 28) }
    }
}
