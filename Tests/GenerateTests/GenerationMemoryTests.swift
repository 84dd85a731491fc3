import Fixtures
import Format
import Generate
import Kernels
import Models
import Storage
import SystemPackage
import Testing

@Suite struct GenerationMemoryTests {
    private let generator = RandomGenerator()

    private func bytes(_ header: ShardHeader, threads: Int = 1) throws -> Int {
        try GenerationMemory(generator.model, header, threads: threads).byteCount
    }

    /// All buffers that a value holds.
    private func buffers(of value: Any) -> [FloatBuffer] {
        if let buffer = value as? FloatBuffer { return [buffer] }
        return Mirror(reflecting: value).children.flatMap { buffers(of: $0.value) }
    }

    @Test func aHeadTakesWhatIsCounted() {
        let configuration = generator.model.configuration
        let workspace = PredictionWorkspace(configuration, rowCapacity: 7)
        let found = buffers(of: workspace).reduce(0) { $0 + $1.count * MemoryLayout<Float>.stride }
        #expect(PredictionWorkspace.byteCount(configuration, rowCapacity: 7) == found)
    }

    /// Attention takes memory by the square of the length, a block by the number of candidates, both on every thread.
    @Test func longSequencesAndManyCandidatesTakeTheirPart() throws {
        var header = generator.header(candidates: RandomGenerator.vocabularySize, blockSize: 256)
        let one = try bytes(header)
        #expect(try bytes(header, threads: 3) - one == 2 * (try bytes(header, threads: 2) - one))
        let block = 256 * 4 * RandomGenerator.vocabularySize * 4
        let headless = try bytes(generator.header(candidates: 1, blockSize: 256))
        #expect(one - headless > 2 * block && one - headless < 10 * block)
        header.maximumLength = 8192
        header.maskProbability = 0.0001
        #expect(try bytes(header) > 2 * 8192 * 8192 * MemoryLayout<Float>.stride)
    }

    /// More than the 2^30 bytes of the format: 256 sequences of 60,000 tokens, all masked, with 90 candidates of 4 bytes.
    @Test func blocksThatTheFormatForbidsAreRefused() throws {
        var header = generator.header(candidates: RandomGenerator.vocabularySize, blockSize: 256)
        header.maximumLength = 60_000
        header.maskProbability = 1
        #expect(header.largestBlockSize == nil)
        let error = #expect(throws: GenerationError.self) { try bytes(header) }
        #expect(error?.kind == .blocksTooLarge(limit: 1 << 30))
        let folder = try temporaryFolder()
        let refused = #expect(throws: GenerationError.self) {
            try ShardGenerator(
                generator.model, parameters: generator.parameters, header: header, masking: generator.masking,
                passes: 1,
                threads: 1, folder: folder
            ).generate(
                from: { _ in RandomGenerator.Source(count: 4) }, input: FileSnapshot(of: []), progress: { _ in },
                isInterrupted: { false })
        }
        #expect(refused?.blame == .usage)
        #expect(try Folder(folder).names().isEmpty)
    }
}
