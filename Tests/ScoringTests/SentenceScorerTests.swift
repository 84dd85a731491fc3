import CLibrary
import Corpus
import Fixtures
import Kernels
import Models
import Scoring
import Storage
import SystemPackage
import Testing

/// Scores against the double-precision oracle, and of sentences whose order is known.
@Suite struct SentenceScorerTests {
    private func check(_ scorer: SentenceScorer, _ expected: ([Int32]) -> Double) throws {
        let sentences = ScorerFolder.sentences(seed: 3, count: 40)
        let tokens = try sentences.map { try #require(scorer.tokens(of: $0)) }
        let scores = scorer.scores(of: tokens)
        #expect(scores.count == 40)
        for (sentence, score) in zip(tokens, scores) {
            #expect(abs(score - expected(sentence)) <= 1e-4 * max(1, abs(score)), "\(sentence)")
        }
    }

    @Test func discriminatorsScoreOriginality() throws {
        let (folder, arena) = try ScorerFolder.discriminator(seed: 1)
        let parameters = ReferenceParameters(arena)
        let reference = ReferenceEncoder(ScorerFolder.encoder, prefix: "electra.")
        try check(SentenceScorer(folder: folder.path)) { tokens in
            let hidden = reference.hiddenStates(of: tokens, parameters)
            let dense = parameters.linear(hidden, "discriminator_predictions.dense").activated(by: .gelu)
            let logits = parameters.linear(dense, "discriminator_predictions.dense_prediction")
            return tokens.indices.dropFirst().dropLast().reduce(0) { $0 - log(1 + exp(logits[$1, 0])) }
        }
    }

    @Test func generatorsScorePseudoLikelihood() throws {
        let (folder, arena) = try ScorerFolder.generator(seed: 2)
        let parameters = ReferenceParameters(arena)
        let configuration = ScorerFolder.encoder
        let reference = ReferenceEncoder(configuration, prefix: "electra.")
        try check(SentenceScorer(folder: folder.path)) { tokens in
            tokens.indices.dropFirst().dropLast().reduce(0) { sum, position in
                var masked = tokens
                masked[position] = 4
                let hidden = reference.hiddenStates(of: masked, parameters)
                let dense = parameters.linear(hidden, "generator_predictions.dense").activated(by: .gelu)
                let transformed = parameters.layerNorm(
                    dense, "generator_predictions.LayerNorm", epsilon: configuration.layerNormEpsilon)
                let logits = transformed.linear(
                    weight: parameters["electra.embeddings.word_embeddings.weight"],
                    bias: parameters["generator_lm_head.bias"])
                return sum + logits[position, Int(tokens[position])] - logits.logSumOfExponentials(row: position)
            }
        }
    }

    /// A generator that knows nothing but how frequent words are: 0 everywhere but in the decoder's bias.
    @Test func knownOrder() throws {
        let model = MaskedLanguageModel(.electraForMaskedLM, ScorerFolder.encoder)
        let arena = ParameterArena(model.layout)
        var bias = arena.mutableSpan(of: model.decoderBias)
        for (index, value) in [Float(3), 2, 1].enumerated() { bias[5 + index] = value }
        let folder = try ScorerFolder(.electraForMaskedLM, arena)
        let pairs = [
            SentencePair(good: "a a", bad: "b a", paradigm: "frequent", field: "words"),
            SentencePair(good: "c b", bad: "b b", paradigm: "rare", field: "words"),
            SentencePair(good: "a d", bad: "d d", paradigm: "frequent", field: "words"),
            // The same letters in another order: the sums are equal.
            SentencePair(good: "a b", bad: "b a", paradigm: "order", field: "order"),
            // The same ids: unknown words both.
            SentencePair(good: "a xylophone", bad: "a zebra", paradigm: "unknown"),
            // Worse by its sum, better by its mean.
            SentencePair(good: "b b b b", bad: "c c", paradigm: "length"),
        ]
        let scoring = PairScoring(try SentenceScorer(folder: folder.path), threads: 2)
        let summary = try #require(try scoring.run(pairs, report: { _, _ in }, isInterrupted: { false }))
        #expect(summary.all.pairs == 6 && summary.all.accuracy == 3 / 6)
        #expect(summary.paradigms.map(\.name) == ["frequent", "length", "order", "rare", "unknown"])
        #expect(summary.paradigms.map(\.accuracy) == [1, 0, 0.5, 0, 0.5])
        #expect(summary.paradigms.map(\.accuracyByMean) == [1, 1, 0.5, 0, 0.5])
        #expect(summary.fields.map(\.name) == ["order", "words"] && summary.fields.map(\.pairs) == [1, 3])
    }

    /// NaN is neither more nor less, so a damaged model would look undecided.
    @Test func refusesScoresThatAreNotNumbers() throws {
        let arena = ParameterArena(Discriminator(ScorerFolder.encoder).layout)
        // Finite weights whose products are not.
        arena.fillWithNoise(deviation: 1e30, seed: 1)
        let scoring = PairScoring(
            try SentenceScorer(folder: ScorerFolder(.electraForPreTraining, arena).path), threads: 2)
        let error = #expect(throws: ScoringError.self) {
            try scoring.run(
                [SentencePair(good: "a", bad: "b b", file: "pairs.jsonl", line: 3)], report: { _, _ in },
                isInterrupted: { false })
        }
        #expect(error?.kind == .notFinite && error?.path == "pairs.jsonl" && error?.line == 3)
    }

    /// A discriminator that finds every token equally likely replaced: of two sentences the shorter one wins by the sum.
    @Test func knownOrderOfADiscriminator() throws {
        let discriminator = Discriminator(ScorerFolder.encoder)
        let arena = ParameterArena(discriminator.layout)
        var bias = arena.mutableSpan(of: discriminator.prediction.bias)
        bias[0] = -2
        let scorer = try SentenceScorer(folder: ScorerFolder(.electraForPreTraining, arena).path)
        let scores = scorer.scores(of: try ["", "a", "a b c d"].map { try #require(scorer.tokens(of: $0)) })
        for (score, count) in zip(scores, [0.0, 1, 4]) { #expect(abs(score + count * log(1 + exp(-2))) < 1e-6) }
    }

    @Test(arguments: [0.0, 3, -3, 80, -80, 1e4, -1e4]) func logOriginal(logit: Double) {
        let score = SentenceScorer.logOriginal(logit)
        #expect(score.isFinite && score <= 0)
        if abs(logit) < 50 { #expect(abs(score - log(1 / (1 + exp(logit)))) < 1e-12) }
        if logit > 50 { #expect(abs(score + logit) < 1e-9) }
    }

    /// Threads and batches do not change the preferences.
    @Test(arguments: [1, 2, 3]) func threads(count: Int) throws {
        let (folder, _) = try ScorerFolder.generator(seed: 2)
        let sentences = ScorerFolder.sentences(seed: 5, count: 400).filter { !$0.isEmpty }.prefix(300)
        let pairs = (0..<150).map { SentencePair(good: sentences[2 * $0], bad: sentences[2 * $0 + 1]) }
        let scorer = try SentenceScorer(folder: folder.path)
        let summary = try PairScoring(scorer, threads: count).run(
            pairs, report: { _, _ in }, isInterrupted: { false })
        let scores = scorer.scores(of: sentences.compactMap { scorer.tokens(of: $0) })
        let preferred = pairs.indices.reduce(0.0) { sum, pair in
            let (good, bad) = (scores[2 * pair], scores[2 * pair + 1])
            return sum + (sentences[2 * pair] == sentences[2 * pair + 1] ? 0.5 : good > bad ? 1 : 0)
        }
        #expect(summary?.all.accuracy == preferred / 150)
        #expect(try PairScoring(scorer, threads: count).run(pairs, report: { _, _ in }, isInterrupted: { true }) == nil)
    }

    @Test func refusals() throws {
        let (folder, _) = try ScorerFolder.discriminator(seed: 1)
        let scorer = try SentenceScorer(folder: folder.path)
        let long = Array(repeating: "a", count: 11).joined(separator: " ")
        #expect(scorer.tokens(of: long) == nil && scorer.tokens(of: String(long.dropFirst(2)))?.count == 12)
        let error = #expect(throws: ScoringError.self) {
            try PairScoring(scorer, threads: 1).run(
                [SentencePair(good: "a", bad: long, file: "pairs.jsonl", line: 7)], report: { _, _ in },
                isInterrupted: { false })
        }
        #expect(error?.kind == .sentenceTooLong(limit: 12) && error?.line == 7)
        // A sum over no tokens would win against every sentence.
        let nothing = #expect(throws: ScoringError.self) {
            try PairScoring(scorer, threads: 1).run(
                [SentencePair(good: " ", bad: "a", file: "pairs.jsonl", line: 3)], report: { _, _ in },
                isInterrupted: { false })
        }
        #expect(nothing?.kind == .emptySentence && nothing?.line == 3)
        let empty = folder.path.appending("empty.jsonl")
        try DurableFile.write("\n", to: empty)
        #expect(throws: ScoringError.self) { try PairScoring.pairs(of: empty) }
        var classifier = ModelConfiguration(
            architecture: .electraForSequenceClassification, encoder: ScorerFolder.encoder)
        classifier.labels = ["a", "b"]
        try classifier.write(to: folder.path.appending(ModelConfiguration.fileName))
        #expect(throws: ModelError.self) { try SentenceScorer(folder: folder.path) }
    }
}
