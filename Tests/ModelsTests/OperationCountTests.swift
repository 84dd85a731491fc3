import Models
import Testing

@Suite struct OperationCountTests {
    /// Every product of a forward pass, written out: rows, columns and the sum's length.
    @Test(arguments: [16, 24]) func encoderIsTheSumOfItsProducts(embeddingSize: Int) {
        let (n, layers, hidden, heads, intermediate) = (11, 3, 24, 4, 40)
        let configuration = EncoderConfiguration(
            vocabularySize: 100, embeddingSize: embeddingSize, hiddenSize: hidden, layerCount: layers,
            attentionHeadCount: heads, intermediateSize: intermediate)
        var operations = 0
        func product(_ rows: Int, _ columns: Int, _ length: Int) { operations += 2 * rows * columns * length }
        if embeddingSize != hidden { product(n, hidden, embeddingSize) }
        for _ in 0..<layers {
            product(n, 3 * hidden, hidden)
            for _ in 0..<heads {
                product(n, n, hidden / heads)
                product(n, hidden / heads, n)
            }
            product(n, hidden, hidden)
            product(n, intermediate, hidden)
            product(n, hidden, intermediate)
        }
        #expect(OperationCount.encoder(configuration, tokens: n) == Double(operations))
        operations = 0
        product(1, embeddingSize, hidden)
        product(1, 100, embeddingSize)
        #expect(OperationCount.prediction(configuration) == Double(operations))
        operations = 0
        product(1, hidden, hidden)
        product(1, 1, hidden)
        #expect(OperationCount.detection(configuration) == Double(operations))
    }
}
