import Foundation
import Testing

/// The progress that each long command prints, where its standard error is a file.
@Suite("Progress in a log")
struct ProgressTests {
    @Test func everyLongCommandSaysHowFarItIs() throws {
        try PipelineTests.withPipeline { pipeline in
            let page = pipeline.path("page.html")
            for stage in [
                pipeline.vocab, pipeline.mlm, pipeline.generate, pipeline.verify, pipeline.train,
                ["inspect", pipeline.path("shards")], ["inspect", pipeline.path("shards"), "--html", page],
                ["inspect", "--compare", pipeline.path("shards"), pipeline.path("shards")],
            ] {
                let finished = try fastElectra(stage + ["--progress", "plain"])
                #expect(finished.status == 0, "\(stage): \(finished.errors)")
                let lines = finished.errors.split(separator: "\n").filter { !$0.contains("warning:") }
                #expect(!lines.isEmpty, "\(stage)")
                for line in lines {
                    #expect(line.contains(/^[A-Z][A-Za-z =0-9.]+: \d+ %, .*\d+:\d\d (so far|in all)/), "\(line)")
                }
                #expect(lines.last?.hasSuffix(" in all") == true && !finished.errors.contains("\r"), "\(stage)")
                if stage[0] == "train" {
                    let last = try #require(lines.first { $0.hasPrefix("Training") })
                    for fact in [
                        "step 30 of 30", "loss 0.", "AUC 0.", "T 1.", "learning rate ", "waiting for data ", "tokens/s",
                    ] {
                        #expect(last.contains(fact), "\(last)")
                    }
                }
            }
        }
    }

    @Test func theStyleIsChosen() throws {
        let shard = packageFolder.appendingPathComponent("Tests/FormatTests/Golden/head.shard").path
        #expect(try fastElectra("verify", shard, "--progress", "bar").errors.hasPrefix("\rVerifying  ["))
        #expect(try fastElectra("verify", shard, "--progress", "none").errors.isEmpty)
        #expect(try fastElectra("verify", shard, "--progress", "fancy").status == 64)
    }
}
