import Kernels
import Models
import Random
import Seeds
import Testing

/// Word embeddings from the text, each part beside a naive version of it.
@Suite struct WordEmbeddingsTests {
    private func product(_ left: [[Double]], _ right: [[Double]]) -> [[Double]] {
        left.map { row in right[0].indices.map { column in row.indices.reduce(0) { $0 + row[$1] * right[$1][column] } }
        }
    }

    private func transposed(_ matrix: [[Double]]) -> [[Double]] {
        matrix[0].indices.map { column in matrix.map { $0[column] } }
    }

    private func rows(_ buffer: FloatBuffer, _ count: Int, _ width: Int) -> [[Double]] {
        let span = buffer.span
        return (0..<count).map { row in (0..<width).map { Double(span[row * width + $0]) } }
    }

    private func buffer(_ matrix: [[Double]]) -> FloatBuffer {
        let buffer = FloatBuffer(count: matrix.count * matrix[0].count)
        var span = buffer.mutableSpan
        for (row, values) in matrix.enumerated() {
            for (column, value) in values.enumerated() { span[row * values.count + column] = Float(value) }
        }
        return buffer
    }

    private func randomMatrix(_ rows: Int, _ columns: Int, _ draws: inout RandomStream.Draws) -> [[Double]] {
        (0..<rows).map { _ in (0..<columns).map { _ in Double(Float.standardNormal(from: &draws)) } }
    }

    /// With E = U S^½, (E Eᵀ)² = U S² Uᵀ = M Mᵀ where no direction is left out.
    @Test(arguments: [(30, 20, 5), (20, 30, 5), (12, 12, 12), (40, 3, 3)])
    func vectorsHaveTheInnerProductsOfTheMatrix(rows: Int, columns: Int, rank: Int) {
        var draws = RandomStream(seed: drawnSeed(), purpose: .initialization).draws(pass: 0, sequence: 0, position: 0)
        let matrix = product(randomMatrix(rows, rank, &draws), randomMatrix(rank, columns, &draws))
        let stream = RandomStream(seed: 1, purpose: .initialization)
        let spectral = SpectralEmbeddings(buffer(matrix), rows: rows, columns: columns, rank: rank, stream: stream)
        #expect(spectral.rank == rank)
        let expected = product(matrix, transposed(matrix))
        let size = expected.flatMap(\.self).map(abs).max()!
        for vectors in [
            self.rows(spectral.vectors, rows, rank),
            self.rows(spectral.spread(over: rank + 7, rows: rows, stream: stream), rows, rank + 7),
        ] {
            let similarity = product(vectors, transposed(vectors))
            let found = product(similarity, similarity)
            for (row, values) in found.enumerated() {
                for (column, value) in values.enumerated() {
                    #expect(abs(value - expected[row][column]) < 1e-3 * size, "\(row), \(column)")
                }
            }
        }
    }

    /// Of a larger matrix, the leading directions are kept: the part that is lost is as small as its singular values.
    @Test func leadingDirectionsAreKept() {
        var draws = RandomStream(seed: drawnSeed(), purpose: .initialization).draws(pass: 0, sequence: 0, position: 0)
        let strong = product(randomMatrix(60, 4, &draws), randomMatrix(4, 50, &draws))
        let weak = randomMatrix(60, 50, &draws)
        let matrix = strong.indices.map { row in strong[row].indices.map { strong[row][$0] + 0.01 * weak[row][$0] } }
        let stream = RandomStream(seed: 1, purpose: .initialization)
        let vectors = rows(
            SpectralEmbeddings(buffer(matrix), rows: 60, columns: 50, rank: 4, stream: stream).vectors, 60, 4)
        let similarity = product(vectors, transposed(vectors))
        let (found, expected) = (product(similarity, similarity), product(strong, transposed(strong)))
        let size = expected.flatMap(\.self).map(abs).max()!
        for (row, values) in found.enumerated() {
            for (column, value) in values.enumerated() { #expect(abs(value - expected[row][column]) < 0.02 * size) }
        }
    }

    @Test func matricesWithoutDirectionsGiveZeros() {
        let stream = RandomStream(seed: 1, purpose: .initialization)
        for (rows, columns) in [(1, 1), (3, 2), (9, 30)] {
            let zero = [[Double]](repeating: [Double](repeating: 0, count: columns), count: rows)
            let spectral = SpectralEmbeddings(buffer(zero), rows: rows, columns: columns, rank: 8, stream: stream)
            #expect(self.rows(spectral.vectors, rows, spectral.rank).allSatisfy { $0.allSatisfy { $0 == 0 } })
        }
    }

    @Test func eigenvectorsOfASymmetricMatrix() {
        var draws = RandomStream(seed: drawnSeed(), purpose: .initialization).draws(pass: 0, sequence: 0, position: 0)
        let half = randomMatrix(17, 17, &draws)
        let matrix = product(half, transposed(half))
        let eigen = SymmetricEigenvectors(buffer(matrix), size: 17)
        #expect(eigen.values == eigen.values.sorted(by: >))
        for (value, vector) in zip(eigen.values, eigen.vectors) {
            #expect(abs(vector.reduce(0) { $0 + $1 * $1 } - 1) < 1e-9)
            for (row, element) in matrix.enumerated() {
                let image = zip(element, vector).reduce(0) { $0 + $1.0 * $1.1 }
                #expect(abs(image - value * vector[row]) < 1e-4 * eigen.values[0])
            }
        }
    }

    private static let text: [ArraySlice<Int32>] = [
        [1, 5, 6, 5, 7, 2], [1, 8, 9, 8, 2], [1, 5, 7, 2], [], [1, 9, 6, 2],
    ]

    /// Beside the definitions, token by token.
    @Test func mutualInformationIsThatOfTheDefinition() {
        let near = Cooccurrences(of: Self.text, vocabularySize: 11, excluding: [0, 1, 2])
        #expect(near.contexts == [5, 8, 9, 6, 7].sorted { (count(of: $1), $0) < (count(of: $0), $1) })
        var naive = [[Double]](repeating: [Double](repeating: 0, count: near.contexts.count), count: 11)
        for sequence in Self.text {
            let present = Set(sequence).subtracting([0, 1, 2])
            for token in present {
                for (column, context) in near.contexts.enumerated() where present.contains(context) {
                    naive[Int(token)][column] += 1
                }
            }
        }
        #expect(rows(near.counts, 11, near.contexts.count) == naive)
        let isSeen = near.becomeMutualInformation()
        #expect(isSeen == (0..<11).map { (5...9).contains($0) })
        let total = naive.flatMap(\.self).reduce(0, +)
        let smoothed = near.contexts.indices.map { column in
            naive.reduce(0) { $0 + $1[column] }.squareRoot()
                * naive.reduce(0) { $0 + $1[column] }.squareRoot().squareRoot()
        }
        for (row, values) in rows(near.counts, 11, near.contexts.count).enumerated() {
            for (column, value) in values.enumerated() where naive[row][column] > 0 {
                let joint = naive[row][column] / total
                let own = naive[row].reduce(0, +) / total
                let expected = joint / (own * smoothed[column] / smoothed.reduce(0, +))
                // log(x) by its series would prove less than its inverse.
                #expect(abs(max(1, expected) - exponential(value)) < 1e-4 * max(1, expected))
            }
        }
    }

    private func count(of token: Int32) -> Int { Self.text.joined().count { $0 == token } }

    private func exponential(_ x: Double) -> Double { (0..<60).reversed().reduce(1) { 1 + x / Double($1 + 1) * $0 } }

    private func encoder(vocabulary: Int, embedding: Int, heads: Int = 2) -> (TransformerEncoder, ParameterArena) {
        var layout = ParameterLayout()
        let encoder = TransformerEncoder(
            EncoderConfiguration(
                vocabularySize: vocabulary, embeddingSize: embedding, hiddenSize: embedding, layerCount: 1,
                attentionHeadCount: heads, intermediateSize: 8, maximumPositionCount: 64),
            named: .electra, declaredIn: &layout)
        let arena = ParameterArena(layout)
        arena.initialize(standardDeviation: encoder.configuration.initializerRange, seed: 11)
        arena.initializeLocally(encoder)
        return (encoder, arena)
    }

    /// Two subjects that share no word: their words are alike within a subject, and not across.
    @Test func wordsOfOneSubjectAreAlike() {
        var draws = RandomStream(seed: drawnSeed(), purpose: .initialization).draws(pass: 0, sequence: 0, position: 0)
        let sequences = (0..<400).map { number in
            let words = number.isMultiple(of: 2) ? 10..<50 : 50..<90
            return [1] + (0..<20).map { _ in Int32(draws.integer(in: words)) } + [2]
        }
        let (encoder, arena) = encoder(vocabulary: 100, embedding: 64)
        let tensor = encoder.parameters.wordEmbeddings
        let before = rows(arena.values, 100, 64)
        arena.initializeWords(of: encoder, from: sequences.map { $0[...] }, special: [0, 1, 2], seed: 3)
        #expect(tensor.range.lowerBound == 0, "the embeddings are declared first")
        let after = rows(arena.values, 100, 64)
        // Unseen and special tokens, and the dimensions that carry positions, are as before.
        for token in Array(0..<10) + Array(90..<100) { #expect(after[token] == before[token]) }
        for token in 10..<90 { #expect(after[token].prefix(32) == before[token].prefix(32)) }
        let words = after[10..<90].map { Array($0.suffix(32)) }
        let deviation = (words.joined().reduce(0) { $0 + $1 * $1 } / Double(80 * 32)).squareRoot()
        #expect(abs(deviation - 0.05) < 1e-4)
        func cosine(_ one: [Double], _ other: [Double]) -> Double {
            func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
            return dot(one, other) / (dot(one, one) * dot(other, other)).squareRoot()
        }
        let within = (0..<39).map { cosine(words[$0], words[$0 + 1]) }
        let across = (0..<39).map { cosine(words[$0], words[$0 + 40]) }
        #expect(within.reduce(0, +) / 39 > 0.2 && across.allSatisfy { abs($0) < 0.1 }, "\(within) \(across)")
    }

    /// Texts that tell nothing leave embeddings as they are, and finite.
    @Test(arguments: [[], [[]], [[1, 2]], [[5, 5, 5]], [[5], [6]]] as [[[Int32]]], [4, 32])
    func textsThatTellNothing(sequences: [[Int32]], embedding: Int) {
        let (encoder, arena) = encoder(vocabulary: 20, embedding: embedding)
        arena.initializeWords(of: encoder, from: sequences.map { $0[...] }, special: [0, 1, 2], seed: 3)
        let values = arena.values.span
        #expect(values.indices.allSatisfy { values[$0].isFinite })
    }
}
