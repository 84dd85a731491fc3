import Generate
import Models
import SystemPackage
import Testing

/// Input that a generator cannot take is refused before work begins.
@Suite struct GeneratorCheckTests {
    let folder: FilePath = "generator"

    /// 90 tokens, 24 positions; RoBERTa's first position is 2, so 22 are left.
    private func model(firstPosition: Int) -> MaskedLanguageModel {
        var configuration = RandomGenerator().model.configuration
        configuration.firstPosition = firstPosition
        return MaskedLanguageModel(.electraForMaskedLM, configuration)
    }

    @Test(arguments: [89, 91]) func vocabulariesOfAnotherSize(count: Int) {
        let error = #expect(throws: GenerationError.self) {
            try model(firstPosition: 0).check(vocabularySize: count, maxLength: 12, folder: folder)
        }
        #expect(error?.kind == .vocabularyMismatch(tokens: count, embeddings: 90))
    }

    @Test func sequencesBeyondTheLastPosition() throws {
        let model = model(firstPosition: 2)
        try model.check(vocabularySize: 90, maxLength: 22, folder: folder)
        let error = #expect(throws: GenerationError.self) {
            try model.check(vocabularySize: 90, maxLength: 23, folder: folder)
        }
        #expect(error?.kind == .tooLong(23, limit: 22))
    }
}
