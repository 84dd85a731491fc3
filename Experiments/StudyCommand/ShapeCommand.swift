import ArgumentParser
import Models
import Study
import SystemPackage

/// `study shape`: the configuration of a size's models, as `--preset` takes it.
struct ShapeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shape", abstract: "Write the shape of a size's models.")

    @Option var size: StudySize
    @Flag(help: "Of the generator; without it, of the discriminators.")
    var generator = false
    @Option var out: String

    func run() throws {
        let encoder = EncoderConfiguration(
            vocabularySize: size.vocabularySize, embeddingSize: size.hiddenSize, hiddenSize: size.hiddenSize,
            layerCount: generator ? size.generatorLayerCount : size.layerCount, attentionHeadCount: 4,
            intermediateSize: 4 * size.hiddenSize,
            maximumPositionCount: 128, dropout: 0)
        try ModelConfiguration(architecture: nil, encoder: encoder).write(to: FilePath(out))
    }
}
