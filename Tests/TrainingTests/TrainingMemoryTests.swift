import Kernels
import Models
import Testing
import Training

@Suite struct TrainingMemoryTests {
    private let configuration = EncoderConfiguration(
        vocabularySize: 30, embeddingSize: 16, hiddenSize: 32, layerCount: 3, attentionHeadCount: 4,
        intermediateSize: 48)

    /// All buffers that a value holds.
    private func buffers(of value: Any) -> [FloatBuffer] {
        if let buffer = value as? FloatBuffer { return [buffer] }
        return Mirror(reflecting: value).children.flatMap { buffers(of: $0.value) }
    }

    @Test(arguments: [EncoderWorkspace.Use.training, .inference], [16, 32])
    func aWorkspaceTakesWhatIsCounted(use: EncoderWorkspace.Use, embeddingSize: Int) {
        var configuration = configuration
        configuration.embeddingSize = embeddingSize
        let workspace = EncoderWorkspace(configuration, tokenCapacity: 40, longestSequence: 17, use: use)
        let found = buffers(of: workspace).reduce(0) { $0 + $1.count * MemoryLayout<Float>.stride }
        #expect(
            EncoderWorkspace.byteCount(configuration, tokenCapacity: 40, longestSequence: 17, use: use) == found)
    }

    /// Logits of a large vocabulary are the largest part of a thread's memory.
    @Test(arguments: [16, 32]) func headsThatPredictTokensTakeWhatIsCounted(embeddingSize: Int) {
        var configuration = configuration
        configuration.embeddingSize = embeddingSize
        let layout = ParameterLayout()
        func bytes(threads: Int, head: Int) -> Int {
            TrainingMemory(
                layout, configuration, threads: threads, lanes: 8, longestSequence: 64, headByteCount: head
            ).byteCount
        }
        let prediction = SentencePrediction(
            MaskedLanguageModel(.electraForMaskedLM, configuration), rowCapacity: SentencePrediction.usualRowCapacity)
        let found = buffers(of: prediction).reduce(0) { $0 + $1.count * MemoryLayout<Float>.stride }
        #expect(SentencePrediction.byteCount(configuration) == found)
        #expect(bytes(threads: 3, head: found) == bytes(threads: 3, head: 0) + 3 * found)
    }

    /// Attention takes the square of the length, on every thread, in every layer.
    @Test func longSequencesTakeTheirSquare() {
        let layout = ParameterLayout()
        func bytes(_ length: Int, threads: Int) -> Int {
            TrainingMemory(layout, configuration, threads: threads, lanes: 8, longestSequence: length).byteCount
        }
        let square = 16384 * 16384 * MemoryLayout<Float>.stride
        #expect(bytes(16384, threads: 1) > 3 * 4 * square)
        #expect(bytes(16384, threads: 2) == 2 * bytes(16384, threads: 1))
        #expect(bytes(128, threads: 1) < square / 10)
    }

    @Test func isJudgedByTheMachine() {
        let memory = TrainingMemory(ParameterLayout(), configuration, threads: 1, lanes: 8, longestSequence: 64)
        let bytes = UInt64(memory.byteCount)
        #expect(memory.fit(into: bytes - 1) == .impossible)
        #expect(memory.fit(into: bytes) == .large)
        #expect(memory.fit(into: 4 * bytes) == .comfortable)
    }
}
