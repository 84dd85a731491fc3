import ArgumentParser
import Models
import Storage
import SystemPackage

/// The shape of the model, and the settings that go with it.
struct ModelOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Shape of the model: \(Preset.all.map(\.name).joined(separator: ", ")), or a config.json.",
            discussion:
                "Layers x width: \(Self.shapes { $0.encoder(vocabularySize: 1) }). Generators of 'mlm' have fewer layers:"
                + " \(Self.shapes { $0.generator(vocabularySize: 1) }). To give two models the same shape, name the config.json of"
                + " one of them. The data decides the size of the vocabulary, even if the config.json says otherwise.",
            valueName: "name|config.json"), completion: .file(extensions: ["json"]))
    var preset: String

    /// The presets with their layers and widths: `tiny 4x128, small 12x256`.
    private static func shapes(_ shape: (Preset) -> EncoderConfiguration) -> String {
        Preset.all.map { "\($0.name) \(shape($0).layerCount)x\(shape($0).hiddenSize)" }.joined(separator: ", ")
    }

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
        let isPath = preset.hasSuffix(".json") || preset.contains("/")
        let path = FilePath(preset)
        guard isPath, Folder(path.removingLastComponent()).contains(path.lastComponent?.string ?? "") else {
            let names = Preset.all.map(\.name).joined(separator: ", ")
            throw ValidationError(
                "There is no \(isPath ? "file" : "preset") '\(preset)'. Give one of \(names), or the path of a config.json."
            )
        }
        var encoder = try ModelConfiguration(contentsOf: path).encoder.asElectra
        encoder.vocabularySize = vocabularySize
        encoder.paddingTokenID = Int(paddingTokenID)
        return Choice(encoder: encoder)
    }
}
