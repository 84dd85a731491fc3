import Kernels
import Models
import Testing

@Suite struct ParameterLayoutTests {
    private let configuration = EncoderConfiguration(
        vocabularySize: 7, embeddingSize: 3, hiddenSize: 4, layerCount: 2, attentionHeadCount: 2, intermediateSize: 5,
        maximumPositionCount: 6)

    @Test func decaysEverythingButBiasesAndLayerNorms() {
        var layout = ParameterLayout()
        _ = TransformerEncoder(configuration, named: .electra, declaredIn: &layout)
        for tensor in layout.tensors {
            for part in tensor.parts {
                #expect(tensor.decays == !(part.name.hasSuffix("bias") || part.name.contains("LayerNorm")))
            }
        }
    }

    @Test func tensorsDoNotOverlapAndStartOnCacheLines() {
        var layout = ParameterLayout()
        _ = TransformerEncoder(configuration, named: .electra, declaredIn: &layout)
        var end = 0
        for tensor in layout.tensors {
            #expect(tensor.range.lowerBound >= end && tensor.range.lowerBound % 16 == 0)
            #expect(tensor.range.count == tensor.shape.reduce(1, *))
            #expect(tensor.parts.map(\.range.count).reduce(0, +) == tensor.count)
            end = tensor.range.upperBound
        }
        #expect(layout.count >= end && layout.parameterCount <= layout.count)
        #expect(Set(layout.tensors.flatMap(\.parts).map(\.name)).count == layout.tensors.flatMap(\.parts).count)
    }

    @Test func startsAsDeclared() {
        var layout = ParameterLayout()
        let encoder = TransformerEncoder(configuration, named: .electra, declaredIn: &layout)
        let arena = ParameterArena(layout)
        arena.initialize(standardDeviation: 0.02, seed: 1)
        for tensor in layout.tensors {
            let values = (0..<tensor.count).map { arena[tensor][$0] }
            switch tensor.initialization {
            case .zeros: #expect(values.allSatisfy { $0 == 0 })
            case .ones: #expect(values.allSatisfy { $0 == 1 })
            case .normal(let row):
                let zeros = row.map { $0 * tensor.shape[1]..<($0 + 1) * tensor.shape[1] } ?? 0..<0
                for (index, value) in values.enumerated() { #expect((value == 0) == zeros.contains(index)) }
                #expect(values.allSatisfy { abs($0) < 0.02 * 6 })
            }
        }
        #expect(encoder.parameters.wordEmbeddings.initialization == .normal(rowOfZeros: 0))
        let again = ParameterArena(layout)
        again.initialize(standardDeviation: 0.02, seed: 1)
        #expect((0..<layout.count).allSatisfy { again.values.span[$0] == arena.values.span[$0] })
    }

    /// A preset's padding token may lie beyond the vocabulary that a corpus has.
    @Test func paddingBeyondTheVocabulary() {
        var (layout, configuration) = (ParameterLayout(), configuration)
        configuration.paddingTokenID = 7
        _ = TransformerEncoder(configuration, named: .electra, declaredIn: &layout)
        ParameterArena(layout).initialize(standardDeviation: 1, seed: 1)
        #expect(layout.tensors[0].initialization == .normal(rowOfZeros: nil))
    }
}
