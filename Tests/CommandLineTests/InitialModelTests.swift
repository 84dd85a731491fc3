import Foundation
import Testing

/// `train --init-from` with a model that cannot be the start.
@Suite("Models to start from")
struct InitialModelTests {
    private func withShards(_ body: (PipelineTests.Pipeline) throws -> Void) throws {
        try PipelineTests.withPipeline { pipeline in
            for stage in [pipeline.vocab, pipeline.mlm, pipeline.generate] { _ = try pipeline.json(stage) }
            try body(pipeline)
        }
    }

    /// As many tokens, and other ones: every embedding would belong to another token.
    @Test func ofAnotherVocabulary() throws {
        try withShards { pipeline in
            let text = try String(contentsOfFile: PipelineTests.Pipeline.text, encoding: .utf8)
            let other = String(
                text.unicodeScalars.map {
                    ("a"..."y").contains($0) ? Character(UnicodeScalar($0.value + 1)!) : Character($0)
                })
            try other.write(toFile: pipeline.path("other.txt"), atomically: true, encoding: .utf8)
            for stage in [pipeline.vocab, pipeline.mlm] {
                _ = try pipeline.json(
                    stage.map {
                        $0 == PipelineTests.Pipeline.text
                            ? pipeline.path("other.txt")
                            : ["vocabulary", "generator"].contains(($0 as NSString).lastPathComponent) ? $0 + "-2" : $0
                    })
            }
            let refused = try fastElectra(pipeline.train + ["--init-from", pipeline.path("generator-2")])
            #expect(refused.status == 65)
            #expect(refused.errors.contains("another vocabulary than the shards"), "\(refused.errors)")
            #expect(!FileManager.default.fileExists(atPath: pipeline.path("run/run.json")))
            _ = try pipeline.json(pipeline.train + ["--init-from", pipeline.path("generator")])
        }
    }

    /// The folder is not bound to a start that cannot work: the corrected command runs there.
    @Test func ofAnotherShape() throws {
        try withShards { pipeline in
            let preset = try String(contentsOfFile: pipeline.path("preset.json"), encoding: .utf8)
            try preset.replacingOccurrences(of: "\"intermediate_size\":32", with: "\"intermediate_size\":64")
                .write(toFile: pipeline.path("wider.json"), atomically: true, encoding: .utf8)
            let start = ["--init-from", pipeline.path("generator")]
            let wrong = pipeline.train.map { $0 == pipeline.path("preset.json") ? pipeline.path("wider.json") : $0 }
            let refused = try fastElectra(wrong + start)
            #expect(refused.status == 65 && refused.errors.contains("intermediate"), "\(refused.errors)")
            _ = try pipeline.json(pipeline.train + start)
        }
    }

    @Test func withTooFewPositions() throws {
        try withShards { pipeline in
            let preset = try String(contentsOfFile: pipeline.path("preset.json"), encoding: .utf8)
            try preset.replacingOccurrences(
                of: "\"max_position_embeddings\":32", with: "\"max_position_embeddings\":16"
            ).write(toFile: pipeline.path("short.json"), atomically: true, encoding: .utf8)
            let refused = try fastElectra(
                pipeline.train.map { $0 == pipeline.path("preset.json") ? pipeline.path("short.json") : $0 })
            #expect(refused.status == 64)
            #expect(
                refused.errors.contains(
                    "short.json' has 16 positions, and the shards have sequences of up to 32 tokens"),
                "\(refused.errors)")
        }
    }

    /// Nothing would be measured.
    @Test(arguments: ["--eval-interval", "--eval-temperature"])
    func evaluationWithoutShards(option: String) throws {
        let refused = try fastElectra("train", "--shards", "s", "--preset", "tiny", "--out", "o", option, "1")
        #expect(refused.status == 64 && refused.errors.contains("'\(option)' needs '--eval-shards'"))
    }
}
