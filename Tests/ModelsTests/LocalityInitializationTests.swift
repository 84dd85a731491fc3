import Fixtures
import Kernels
import Models
import Random
import Testing

@Suite struct LocalityInitializationTests {
    struct Shape: Sendable, CustomStringConvertible {
        let embedding: Int
        let hidden: Int
        let heads: Int

        var description: String { "\(embedding)-\(hidden)/\(heads)" }
        var headSize: Int { hidden / heads }
    }

    private static let length = 48
    private static let offsets = [-1, 1, -2, 2]

    private func encoder(_ shape: Shape, positions: Int = 64) -> (encoder: TransformerEncoder, arena: ParameterArena) {
        var layout = ParameterLayout()
        let encoder = TransformerEncoder(
            EncoderConfiguration(
                vocabularySize: 300, embeddingSize: shape.embedding, hiddenSize: shape.hidden, layerCount: 1,
                attentionHeadCount: shape.heads, intermediateSize: 8, maximumPositionCount: positions),
            named: .electra, declaredIn: &layout)
        let arena = ParameterArena(layout)
        arena.initialize(standardDeviation: encoder.configuration.initializerRange, seed: 11)
        return (encoder, arena)
    }

    /// The mean attention of a head, over positions that have such a neighbor, on the position at its offset.
    private func massAtOffset(
        _ encoder: TransformerEncoder, _ arena: ParameterArena, length: Int = length
    ) -> [Double] {
        var draws = RandomStream(seed: 4, purpose: .masking).draws(pass: 0, sequence: 0, position: 0)
        let tokens = (0..<length).map { _ in Int32.random(in: 1..<300, using: &draws) }
        let reference = ReferenceEncoder(encoder.configuration, prefix: "electra.")
        return reference.firstAttention(of: tokens, ReferenceParameters(arena)).enumerated().map { head, attention in
            let offset = Self.offsets[head % Self.offsets.count]
            let rows = (0..<length).filter { (0..<length).contains($0 + offset) }
            return rows.reduce(0) { $0 + attention[$1, $1 + offset] } / Double(rows.count)
        }
    }

    /// Also with fewer and more heads than offsets, a projection, odd head sizes, and heads wider than the embeddings.
    @Test(arguments: [
        Shape(embedding: 128, hidden: 128, heads: 4), Shape(embedding: 128, hidden: 256, heads: 4),
        Shape(embedding: 64, hidden: 64, heads: 2), Shape(embedding: 160, hidden: 160, heads: 5),
        Shape(embedding: 132, hidden: 132, heads: 4), Shape(embedding: 48, hidden: 128, heads: 2),
    ])
    func headsLookAtTheirOffset(shape: Shape) {
        let (encoder, arena) = encoder(shape)
        for mass in massAtOffset(encoder, arena) { #expect(mass < 0.1, "random initialization looks everywhere") }
        arena.initializeLocally(encoder)
        // The other half looks everywhere.
        let masses = massAtOffset(encoder, arena)
        for mass in masses.prefix((shape.heads + 1) / 2) { #expect(mass > 0.5, "\(mass)") }
        for mass in masses.dropFirst((shape.heads + 1) / 2) { #expect(mass < 0.1, "\(mass)") }
    }

    /// In long windows no other distance looks like the neighbor, with eight frequencies either.
    @Test func longWindowsHaveOnePeak() {
        let shape = Shape(embedding: 64, hidden: 64, heads: 4)
        let (long, arena) = encoder(shape, positions: 1024)
        arena.initializeLocally(long)
        for mass in massAtOffset(long, arena, length: 700).prefix(2) { #expect(mass > 0.5, "\(mass)") }
        // Evenly spread frequencies, which shorter encoders have, would not do.
        let (short, shortArena) = encoder(shape, positions: 512)
        shortArena.initializeLocally(short)
        for mass in massAtOffset(short, shortArena, length: 500).prefix(2) { #expect(mass < 0.5, "\(mass)") }
    }

    /// Shapes without room for a single frequency, and models without layers, are left whole.
    @Test(arguments: [
        Shape(embedding: 4, hidden: 4, heads: 4), Shape(embedding: 1, hidden: 6, heads: 2),
        Shape(embedding: 3, hidden: 6, heads: 2),
    ])
    func smallShapesStayFinite(shape: Shape) {
        let (encoder, arena) = encoder(shape)
        arena.initializeLocally(encoder)
        #expect((0..<arena.values.count).allSatisfy { arena.values.span[$0].isFinite })
    }

    /// The padding row stays zero, values and later parameters random.
    @Test func onlyWhatCarriesPositionsChanges() {
        let (encoder, arena) = encoder(Shape(embedding: 32, hidden: 32, heads: 2))
        let before = encoder.parameters.layers[0].output.weight
        let values = encoder.parameters.layers[0].attention.weight
        func copy(_ tensor: Tensor) -> [Float] { (0..<tensor.count).map { arena[tensor][$0] } }
        let (output, attention) = (copy(before), copy(values))
        arena.initializeLocally(encoder)
        #expect(copy(before) == output)
        #expect(copy(values).suffix(32 * 32) == attention.suffix(32 * 32), "the projection of values")
        #expect(copy(values).prefix(64 * 32) != attention.prefix(64 * 32))
        let words = copy(encoder.parameters.wordEmbeddings)
        #expect(words[0..<32].allSatisfy { $0 == 0 })
        // 0.05 where words live, a tenth of it where positions do.
        for (columns, deviation) in [(0..<16, 0.005), (16..<32, 0.05)] {
            let squares = (1..<300).flatMap { row in columns.map { Double(words[row * 32 + $0] * words[row * 32 + $0]) }
            }
            let measured = (squares.reduce(0, +) / Double(squares.count)).squareRoot()
            #expect(abs(measured - deviation) < 0.05 * deviation)
        }
    }
}
