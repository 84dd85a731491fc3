/// One way to pre-train, as commands of the program and of the study. Most start from the same generator, and all see the same
/// number of tokens unless `length` says otherwise.
public struct Arm: Sendable {
    public enum Training: Sendable {
        /// `train` from the shards of that name, at that schedule and at a multiple of the size's learning rate. It starts
        /// from the generator, or as `--initialization` says.
        case replay(shards: String, temperature: String, rate: Double = 1, initialization: String? = nil)
        /// The study's joint baseline, at a multiple of the size's learning rate.
        case joint(rate: Double = 1)
        /// `mlm` over as many tokens as generator and discriminator see together.
        case maskedLanguage
    }

    public var letter: String
    public var title: String
    public var training: Training
    /// Updates of a discriminator, as a multiple of the size's; (j) adds the generator's. Schedules end with the last one.
    public var length = 1.0
    /// The letter of the arm that the report compares with this one.
    public var reference = "a"

    static let schedule = "exponential:2:0.1"

    public static let all: [Arm] =
        [
            Arm(
                letter: "a", title: "Fast-ELECTRA, T 2 to 1", training: .replay(shards: "shards", temperature: schedule)
            ),
            Arm(
                letter: "b", title: "fixed generator, T = 1",
                training: .replay(shards: "shards", temperature: "constant:1")),
            Arm(
                letter: "c", title: "fixed generator, T = 2",
                training: .replay(shards: "shards", temperature: "constant:2")),
            Arm(letter: "d1", title: "linear decay", training: .replay(shards: "shards", temperature: "linear:2")),
            Arm(
                letter: "d2", title: "polynomial decay",
                training: .replay(shards: "shards", temperature: "polynomial:2")),
            Arm(
                letter: "e1", title: "T_0 = 1.5",
                training: .replay(shards: "shards", temperature: "exponential:1.5:0.1")),
            Arm(
                letter: "e2", title: "tau = 0.3", training: .replay(shards: "shards", temperature: "exponential:2:0.3")),
            Arm(letter: "f", title: "joint ELECTRA", training: .joint()),
            Arm(letter: "g16", title: "top-16 alone", training: .replay(shards: "shards-top16", temperature: schedule)),
            Arm(letter: "g64", title: "top-64 alone", training: .replay(shards: "shards-top64", temperature: schedule)),
            Arm(
                letter: "h", title: "unigram generator",
                training: .replay(shards: "shards-unigram", temperature: schedule)),
            Arm(letter: "j", title: "masked language model, equal tokens", training: .maskedLanguage),
            Arm(
                letter: "l1", title: "(a) from the locality initialization",
                training: .replay(shards: "shards", temperature: schedule, initialization: "local")),
            Arm(
                letter: "l2", title: "(a) from random parameters",
                training: .replay(shards: "shards", temperature: schedule, initialization: "random")),
        ]
        + SmallShards.all.map { small in
            Arm(
                letter: small.letter, title: "small text, \(small.title)",
                training: .replay(shards: small.name, temperature: schedule), reference: SmallShards.all[0].letter)
        }
        + [0.25, 2.5, 5].flatMap { length in
            [
                Arm(
                    letter: "o-a\(Self.short(length))", title: "(a), tokens x\(Self.short(length))",
                    training: .replay(shards: "shards", temperature: schedule), length: length),
                Arm(
                    letter: "o-f\(Self.short(length))", title: "(f), tokens x\(Self.short(length))",
                    training: .joint(), length: length),
                Arm(
                    letter: "o-j\(Self.short(length))",
                    title: "(j), tokens of generator and (o-a\(Self.short(length)))",
                    training: .maskedLanguage, length: length),
            ]
        }
        + [0.25, 2, 4, 8].flatMap { factor in
            [
                Arm(
                    letter: "m-a\(Self.short(factor))", title: "(a), learning rate x\(Self.short(factor))",
                    training: .replay(shards: "shards", temperature: schedule, rate: factor)),
                Arm(
                    letter: "m-f\(Self.short(factor))", title: "(f), learning rate x\(Self.short(factor))",
                    training: .joint(rate: factor)),
            ]
        }

    private static func short(_ factor: Double) -> String {
        factor == factor.rounded() ? "\(Int(factor))" : "\(factor)"
    }

    public static func named(_ letter: String) -> Arm? { all.first { $0.letter == letter } }
}
