import Foundation
import Testing

/// FASTA through the program: a vocabulary of nucleotides, a generator, shards of all logits, a discriminator.
@Suite("Nucleotides on the command line")
struct NucleotideTests {
    private func json(_ finished: FinishedProgram) throws -> [String: Any] {
        try #require(finished.status == 0, "\(finished.errors)")
        let object = try JSONSerialization.jsonObject(with: Data(finished.output.utf8))
        return try #require(object as? [String: Any])
    }

    /// Records of a sequence that goes on with the same four letters more often than not.
    private func genome(_ counts: [Int], seed: UInt64) -> String {
        var state = seed
        return counts.enumerated().map { index, count in
            var letters = ""
            for place in 0..<count {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                letters.append(Array("ACGT")[state >> 62 == 0 ? Int(state >> 40 & 3) : place % 4])
                if place % 60 == 59 { letters.append("\n") }
            }
            return ">record \(index)\n\(letters)\n"
        }.joined()
    }

    private func prepare(_ workshop: Workshop) throws {
        try FileManager.default.createDirectory(at: workshop.folder, withIntermediateDirectories: true)
        try Data(genome([40_000, 31, 9_000], seed: 1).utf8).write(to: workshop.folder.appendingPathComponent("a.fa"))
        try Data(genome([20_000], seed: 2).utf8).write(to: workshop.folder.appendingPathComponent("b.fna"))
        let shape: [String: Any] = [
            "vocab_size": 1, "embedding_size": 16, "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
            "intermediate_size": 32, "max_position_embeddings": 64, "model_type": "electra",
        ]
        try JSONSerialization.data(withJSONObject: shape).write(
            to: workshop.folder.appendingPathComponent("preset.json"))
    }

    private func generate(_ workshop: Workshop, into folder: String, threads: Int, overlap: Int = 8) -> [String] {
        ["generate", "--generator", workshop.path("generator"), "--out", workshop.path(folder), "--max-length", "64"]
            + ["--text", "one=" + workshop.path("a.fa"), "two=" + workshop.path("b.fna"), "--overlap", "\(overlap)"]
            + ["--top-k", "27", "--threads", "\(threads)", "--passes", "2"]
    }

    @Test func fromFASTAToADiscriminator() throws {
        try withTemporaryFolder { folder in
            let workshop = Workshop(folder: folder)
            try prepare(workshop)
            let files = [workshop.path("a.fa"), workshop.path("b.fna")]
            let vocabulary = try json(
                fastElectra(["vocab", "--nucleotides", "--out", workshop.path("v"), "--json", "--text"] + files))
            #expect(vocabulary["entries"] as? Int == 27 && vocabulary["records"] as? Int == 4)
            #expect(vocabulary["letters"] as? Int == 69_031 && vocabulary["unknown_letters"] as? Int == 0)
            let entropy = try #require(vocabulary["entropy"] as? Double)
            #expect(abs(entropy - log(4)) < 0.001)
            let again = try json(
                fastElectra(["vocab", "--nucleotides", "--out", workshop.path("v"), "--json", "--text"] + files))
            #expect(again["did_work"] as? Bool == false && again["entropy"] as? Double == entropy)

            let shape = ["--preset", workshop.path("preset.json"), "--batch-size", "16", "--threads", "2"]
            try workshop.run(
                ["mlm", "--vocab", workshop.path("v"), "--out", workshop.path("generator"), "--max-length", "64"]
                    + ["--steps", "60", "--learning-rate", "3e-3", "--text"] + files + shape)
            try workshop.run(generate(workshop, into: "s1", threads: 1))
            try workshop.run(generate(workshop, into: "s3", threads: 3))
            let shards = try workshop.files(of: "s1")
            #expect(shards == (try workshop.files(of: "s3")), "the data do not depend on the number of threads")
            #expect(shards.keys.count { $0.hasSuffix(".shard") } == 2)
            for part in ["1/2", "0/2"] {
                try workshop.run(generate(workshop, into: "parts", threads: 1) + ["--part", part])
            }
            try workshop.run(generate(workshop, into: "parts", threads: 2))
            #expect(shards == (try workshop.files(of: "parts")))

            let seen = try json(fastElectra("inspect", workshop.path("s1"), "--json"))
            let sources = try #require(seen["sources"] as? [[String: Any]])
            #expect(sources.map { $0["name"] as? String } == ["one", "two"])
            // Windows of 62 letters, each 54 behind the one before.
            func windows(_ count: Int) -> Int { 1 + max(0, (count - 62 + 53) / 54) }
            #expect(
                sources.map { $0["sequences"] as? Int }
                    == [2 * (windows(40_000) + windows(31) + windows(9_000)), 2 * windows(20_000)])
            let sample = try #require(seen["sample"] as? [String: Any])
            let temperatures = try #require(sample["temperatures"] as? [[String: Any]])
            let loss = try #require(temperatures[0]["loss"] as? Double)
            #expect(loss < entropy, "the generator has learned nothing")
            try workshop.run(
                ["train", "--shards", workshop.path("s1"), "--out", workshop.path("r"), "--steps", "5"] + shape)

            let other = try fastElectra(generate(workshop, into: "s1", threads: 1, overlap: 9))
            #expect(other.status == 64 && other.errors.contains("--overlap"), "\(other.errors)")
        }
    }

    @Test func refusesWhatDoesNotGoTogether() throws {
        try withTemporaryFolder { folder in
            let workshop = Workshop(folder: folder)
            try prepare(workshop)
            let fasta = workshop.path("a.fa")
            func refusal(_ arguments: String...) throws -> FinishedProgram {
                try fastElectra(arguments + ["--out", workshop.path("o")])
            }
            let words = try refusal("vocab", "--text", fasta)
            #expect(words.status == 65 && words.errors.contains("vocabulary of nucleotides"), "\(words.errors)")
            for arguments in [["--size", "100"], ["--alphabet", "100"], ["--letters", "5"]] {
                let refused = try fastElectra(
                    ["vocab", "--nucleotides", "--text", fasta, "--out", workshop.path("o")] + arguments)
                #expect(refused.status == 64 && refused.errors.contains("'\(arguments[0])'"), "\(refused.errors)")
            }
            #expect(try refusal("vocab", "--text", fasta, "--letters", "N").status == 64)
            let far = try refusal("generate", "--generator", "g", "--text", fasta, "--overlap", "126")
            #expect(far.status == 64 && far.errors.contains("'--overlap' takes 0 to 125"), "\(far.errors)")
            let text = try refusal("generate", "--generator", "g", "--text", Workshop.text, "--overlap", "1")
            #expect(text.status == 64 && text.errors.contains("'--overlap' is for FASTA"), "\(text.errors)")
        }
    }
}
