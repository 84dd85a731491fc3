import Terminal

/// A figure of `metrics.jsonl`: its name there, and how people are told of it.
public struct RunFigure: Encodable, Sendable, Hashable {
    /// How its values are written.
    public enum Notation: Sendable, Hashable {
        case decimals(Int)
        /// Three digits and a decimal prefix.
        case short
        /// Two digits and a power of ten.
        case scientific
        /// As its size asks for.
        case any
    }

    public enum Group: String, Encodable, Sendable, Hashable, CaseIterable {
        case learning = "Learning"
        case draws = "Draws"
        case steps = "Steps"
        case others = "Further figures"
    }

    /// Over which the page draws curves: tokens trained on, and time spent in steps.
    static let (tokens, seconds) = ("tokens", "seconds")

    public let name: String
    public let title: String
    /// An explanation; empty where this program does not know the figure.
    public let note: String
    public let group: Group
    public let notation: Notation

    private enum CodingKeys: String, CodingKey { case name, title, note, group }

    private init(_ name: String, _ title: String, _ note: String, _ group: Group, _ notation: Notation) {
        self.name = name
        self.title = title
        self.note = note
        self.group = group
        self.notation = notation
    }

    /// In the order in which they are shown.
    private static let known = [
        RunFigure("loss", "loss", "Mean over tokens, in nats.", .learning, .decimals(4)),
        RunFigure("auc", "AUC", "0.5 is chance.", .learning, .decimals(4)),
        RunFigure("accuracy", "accuracy", "Tokens judged rightly; of mlm, tokens guessed.", .learning, .decimals(4)),
        RunFigure("precision", "precision", "Replaced, of the tokens called replaced.", .learning, .decimals(4)),
        RunFigure("recall", "recall", "Called replaced, of the replaced.", .learning, .decimals(4)),
        RunFigure(
            "sentence_loss", "sentence loss", "Of the tokens that [CLS] is asked for, in nats.", .learning, .decimals(4)
        ),
        RunFigure("temperature", "temperature", "At which replacements are drawn.", .draws, .decimals(4)),
        RunFigure("focal", "focal exponent", "Of the policy that draws.", .draws, .decimals(4)),
        RunFigure("replace_rate", "replace rate", "Replaced, of all tokens.", .draws, .decimals(4)),
        RunFigure(
            "sampled_original_rate", "originals drawn", "Draws that are the original token.", .draws, .decimals(4)),
        RunFigure("learning_rate", "learning rate", "Of the update.", .steps, .scientific),
        RunFigure("gradient_norm", "gradient norm", "Before clipping.", .steps, .decimals(4)),
        RunFigure(
            "loss_z", "loss, standard deviations", "Above the 128 updates before; the largest since the line before.",
            .steps, .decimals(2)),
        RunFigure(
            "gradient_norm_z", "gradient norm, standard deviations",
            "Above the 128 updates before; the largest since the line before.", .steps, .decimals(2)),
        RunFigure("epoch", "epochs", "How often the run has been through the data.", .steps, .decimals(3)),
        RunFigure("tokens_per_second", "tokens/s", "Since the line before.", .steps, .short),
        RunFigure("flops_per_token", "FLOP a token", "Of matrix products, forward and backward.", .steps, .short),
        RunFigure(
            "utilization", "share of the peak rate", "Of what this machine's products reach by themselves.", .steps,
            .decimals(3)),
        RunFigure("peak_memory", "peak memory", "Bytes.", .steps, .short),
        RunFigure("data_wait", "waiting for data", "Share of the time.", .steps, .decimals(4)),
        RunFigure("communication", "other ranks", "Share of the time.", .steps, .decimals(4)),
    ]

    /// The figures of these names, in the order in which they are shown: those that nobody knows here behind the others. Left
    /// out are counts that have a place of their own, and figures of parts of the data, of which there may be thousands.
    static func ordered(_ names: Set<String>) -> [RunFigure] {
        let shown = names.subtracting([tokens, seconds]).filter { !$0.contains("/") }
        let known = known.filter { shown.contains($0.name) }
        let unknown = shown.subtracting(known.map(\.name)).sorted().map {
            RunFigure($0, $0.replacing("_", with: " "), "", .others, .any)
        }
        return known + unknown
    }
}

extension RunFigure {
    public func text(_ value: Double) -> String {
        switch notation {
        case .decimals(let count): Quantity.fixed(value, count)
        case .short: Quantity.short(value)
        case .scientific: Quantity.scientific(value)
        case .any:
            switch abs(value) {
            case 1000...: Quantity.short(value)
            case 0.01..., 0: Quantity.fixed(value, 4)
            default: Quantity.scientific(value)
            }
        }
    }
}
