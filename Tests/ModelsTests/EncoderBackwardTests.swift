import Fixtures
import Kernels
import Models
import Random
import Testing

/// The encoder, forward and backward, against the double-precision oracle and its central differences.
///
/// Together the parameters' gradients pass through every layer's backward: an error anywhere reaches those below it.
@Suite struct EncoderBackwardTests {
    struct Shape: Sendable, CustomStringConvertible {
        let embedding: Int
        let hidden: Int
        let heads: Int
        let intermediate: Int
        let layers: Int
        let lengths: [Int]
        var hiddenDropout: Float = 0
        var attentionDropout: Float = 0
        var activation = Activation.gelu
        var firstPosition = 0
        var tokenTypes = 2
        /// Where each sequence's second text begins.
        var secondSegment: Int?

        var description: String {
            "\(activation) \(firstPosition) \(tokenTypes) \(secondSegment ?? 0) \(embedding)-\(hidden)/\(heads)-\(intermediate)x\(layers), \(lengths), \(hiddenDropout) \(attentionDropout)"
        }

        var configuration: EncoderConfiguration {
            var configuration = EncoderConfiguration(
                vocabularySize: 9, embeddingSize: embedding, hiddenSize: hidden, layerCount: layers,
                attentionHeadCount: heads, intermediateSize: intermediate, maximumPositionCount: 19, dropout: 0)
            configuration.hiddenDropout = hiddenDropout
            configuration.attentionDropout = attentionDropout
            configuration.activation = activation
            configuration.firstPosition = firstPosition
            configuration.tokenTypeCount = tokenTypes
            return configuration
        }
    }

    static let shapes = [
        Shape(embedding: 5, hidden: 6, heads: 2, intermediate: 7, layers: 2, lengths: [1, 4, 3]),
        Shape(embedding: 6, hidden: 6, heads: 6, intermediate: 16, layers: 1, lengths: [1]),
        Shape(embedding: 17, hidden: 17, heads: 1, intermediate: 15, layers: 1, lengths: [17, 1, 2]),
        Shape(embedding: 3, hidden: 16, heads: 4, intermediate: 17, layers: 1, lengths: [16]),
        Shape(
            embedding: 5, hidden: 6, heads: 2, intermediate: 7, layers: 2, lengths: [1, 4, 3, 9], hiddenDropout: 0.3,
            attentionDropout: 0.2),
        Shape(
            embedding: 18, hidden: 18, heads: 3, intermediate: 20, layers: 1, lengths: [5, 1], hiddenDropout: 0.1),
        Shape(
            embedding: 8, hidden: 6, heads: 3, intermediate: 5, layers: 1, lengths: [7, 2], attentionDropout: 0.5),
        // DistilBERT's, RoBERTa's, and the activation that is left.
        Shape(
            embedding: 6, hidden: 6, heads: 2, intermediate: 17, layers: 2, lengths: [4, 1], activation: .geluTanh,
            tokenTypes: 0),
        Shape(
            embedding: 6, hidden: 6, heads: 2, intermediate: 7, layers: 2, lengths: [3, 17], activation: .relu,
            firstPosition: 2, tokenTypes: 1),
        Shape(embedding: 5, hidden: 6, heads: 3, intermediate: 18, layers: 2, lengths: [5], activation: .silu),
        Shape(
            embedding: 5, hidden: 6, heads: 2, intermediate: 7, layers: 1, lengths: [6, 2, 3], secondSegment: 2),
    ]

    /// A model, a batch, and weights that make a loss of its hidden states.
    private struct Setup {
        let encoder: TransformerEncoder
        let arena: ParameterArena
        let sequences: [[Int32]]
        let secondSegment: Int?
        let weights: [Matrix]
        let plan: DropoutPlan?
        let reference: ReferenceEncoder
        var batch = TokenBatch()

        init(_ shape: Shape, seed: UInt64) {
            var layout = ParameterLayout()
            let configuration = shape.configuration
            encoder = TransformerEncoder(configuration, named: .electra, declaredIn: &layout)
            arena = ParameterArena(layout)
            arena.fillWithNoise(deviation: 0.4, seed: seed)
            var draws = RandomStream(seed: seed, purpose: .masking).draws(pass: 0, sequence: 0, position: 0)
            sequences = shape.lengths.map { length in
                (0..<length).map { _ in Int32.random(in: 0..<9, using: &draws) }
            }
            secondSegment = shape.secondSegment
            weights = shape.lengths.map { length in
                Matrix(rows: length, columns: shape.hidden) { _, _ in Double(Float.standardNormal(from: &draws)) }
            }
            plan = DropoutPlan(configuration, seed: seed, step: 3)
            reference = ReferenceEncoder(configuration, prefix: "electra.", dropout: plan)
            for (index, sequence) in sequences.enumerated() {
                batch.append(sequence.span, secondSegment: secondSegment, number: UInt32(10 + index))
            }
        }

        func workspace(_ use: EncoderWorkspace.Use) -> EncoderWorkspace {
            EncoderWorkspace(
                encoder.configuration, tokenCapacity: batch.count + 3,
                longestSequence: sequences.map(\.count).max() ?? 0, use: use)
        }

        func loss(_ parameters: ReferenceParameters) -> Double {
            var sum = 0.0
            for (index, tokens) in sequences.enumerated() {
                sum += reference.hiddenStates(
                    of: tokens, secondSegment: secondSegment, number: UInt32(10 + index), parameters
                ).dot(weights[index])
            }
            return sum
        }

        func gradients() -> ParameterArena {
            let workspace = workspace(.training)
            encoder.forward(batch, arena: arena, workspace: workspace, dropout: plan)
            var gradient = workspace.outputGradient.mutableSpan
            for (index, weight) in weights.flatMap(\.elements).enumerated() { gradient[index] = Float(weight) }
            let gradients = ParameterArena.erasedNoise(arena.layout)
            encoder.backward(batch, arena: arena, workspace: workspace, into: gradients, dropout: plan)
            gradients.settle()
            return gradients
        }
    }

    @Test(arguments: shapes, [EncoderWorkspace.Use.training, .inference])
    func hiddenStatesAgree(shape: Shape, use: EncoderWorkspace.Use) {
        let setup = Setup(shape, seed: 1)
        let workspace = setup.workspace(use)
        setup.encoder.forward(setup.batch, arena: setup.arena, workspace: workspace, dropout: setup.plan)
        let parameters = ReferenceParameters(setup.arena)
        let ours = workspace.output.span
        var row = 0
        for (index, tokens) in setup.sequences.enumerated() {
            let expected = setup.reference.hiddenStates(
                of: tokens, secondSegment: shape.secondSegment, number: UInt32(10 + index), parameters)
            for element in expected.elements {
                #expect(abs(Double(ours[row]) - element) <= 2e-5 * max(1, abs(element)))
                row += 1
            }
        }
    }

    @Test(arguments: shapes, [UInt64(2), 3])
    func everyGradientAgrees(shape: Shape, seed: UInt64) {
        let setup = Setup(shape, seed: seed)
        for (tensor, error) in ReferenceParameters(setup.arena).gradientErrors(setup.gradients(), loss: setup.loss) {
            #expect(error <= 1e-4, "\(tensor): \(error)")
        }
    }

    /// Backward without the masks of forward is seen.
    @Test func aMissingMaskIsSeen() {
        let shape = Self.shapes[4]
        let setup = Setup(shape, seed: 2)
        var plain = shape
        (plain.hiddenDropout, plain.attentionDropout) = (0, 0)
        let without = Setup(plain, seed: 2)
        let errors = ReferenceParameters(setup.arena).gradientErrors(without.gradients(), loss: setup.loss)
        #expect(errors.count { $0.error > 0.01 } > 20)
    }

    /// A second backward adds to the gradients of the first.
    @Test func gradientsAdd() {
        let setup = Setup(Self.shapes[0], seed: 5)
        let once = setup.gradients()
        let workspace = setup.workspace(.training)
        let twice = ParameterArena(setup.arena.layout)
        for _ in 0..<2 {
            setup.encoder.forward(setup.batch, arena: setup.arena, workspace: workspace)
            var gradient = workspace.outputGradient.mutableSpan
            for (index, weight) in setup.weights.flatMap(\.elements).enumerated() { gradient[index] = Float(weight) }
            setup.encoder.backward(setup.batch, arena: setup.arena, workspace: workspace, into: twice)
        }
        let largest = (0..<once.values.count).reduce(Float(0)) { max($0, abs(once.values.span[$1])) }
        for index in 0..<once.values.count {
            #expect(abs(twice.values.span[index] - 2 * once.values.span[index]) <= 1e-5 * largest)
        }
    }
}
