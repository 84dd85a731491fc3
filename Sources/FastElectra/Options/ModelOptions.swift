import ArgumentParser
import Models
import SystemPackage

/// The shape of the model, and the settings that go with it.
struct ModelOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Shape of the model: \(Preset.all.map(\.name).joined(separator: ", ")), or a config.json.",
            discussion: "The data decides the size of the vocabulary, even if the config.json says otherwise.",
            valueName: "name|config.json"))
    var preset: String

    /// The purpose of a model: a generator is shallower than the encoder it serves.
    enum Role {
        case discriminator, generator
    }

    struct Choice {
        var encoder: EncoderConfiguration
        var learningRate: Float = 5e-4
        var batchSize = 128
    }

    /// The text that a run is bound to: a preset's name and the shape, but not the path of a file that has the shape.
    func fingerprint(of encoder: EncoderConfiguration) -> String {
        let isNamed = Preset.all.contains { $0.name == preset }
        return isNamed ? "\(preset): \(encoder)" : "\(encoder)"
    }

    func choice(for role: Role, vocabularySize: Int, paddingTokenID: Int32) throws -> Choice {
        if let preset = Preset.all.first(where: { $0.name == preset }) {
            var encoder =
                switch role {
                case .discriminator: preset.encoder(vocabularySize: vocabularySize)
                case .generator: preset.generator(vocabularySize: vocabularySize)
                }
            encoder.paddingTokenID = Int(paddingTokenID)
            return Choice(encoder: encoder, learningRate: preset.learningRate, batchSize: preset.batchSize)
        }
        guard preset.hasSuffix(".json") || preset.contains("/") else {
            let names = Preset.all.map(\.name).joined(separator: ", ")
            throw ValidationError(
                "There is no preset '\(preset)'. Give one of \(names), or the path of a config.json.")
        }
        var encoder = try ModelConfiguration(contentsOf: FilePath(preset)).encoder.asElectra
        encoder.vocabularySize = vocabularySize
        encoder.paddingTokenID = Int(paddingTokenID)
        return Choice(encoder: encoder)
    }
}
