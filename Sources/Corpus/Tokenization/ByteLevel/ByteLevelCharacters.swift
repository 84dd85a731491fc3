/// The class of each Unicode scalar in the pattern of byte-level tokenizers, looked up in ``ByteLevelCharacterTables``.
struct ByteLevelCharacters: Sendable {
    enum Class: UInt8 {
        case other, letter, number, space
    }

    static let shared = ByteLevelCharacters()

    /// One a scalar value.
    private let classes: [UInt8]

    private init() {
        var classes = [UInt8](repeating: Class.other.rawValue, count: 0x110000)
        for (table, characterClass) in [
            (ByteLevelCharacterTables.letters, Class.letter), (ByteLevelCharacterTables.numbers, .number),
            (ByteLevelCharacterTables.spaces, .space),
        ] {
            for scalar in ScalarRuns(table) { classes[Int(scalar)] = characterClass.rawValue }
        }
        self.classes = classes
    }

    /// `scalar` must be below 0x110000.
    @inline(__always)
    func characterClass(of scalar: UInt32) -> Class { Class(rawValue: classes[Int(scalar)]) ?? .other }
}
