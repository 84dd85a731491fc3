/// The steps of a study, in an order in which they can be run.
public struct StudyPlan: Sendable {
    public let size: StudySize
    private let arms: [Arm]
    public private(set) var steps: [Step] = []

    /// The working folder has the test sets under the name `data`: results do not depend on where they are.
    ///
    /// - Parameter letters: of the size's arms, only these; all if there are none.
    public init(_ size: StudySize, arms letters: [String] = []) {
        self.size = size
        arms = size.arms.filter { letters.isEmpty || letters.contains($0) }.compactMap(Arm.named)
        prepare()
        for seed in 1...size.seeds {
            measure(
                "generator/\(seed)", model: "generator", needs: "generator", seed: seed,
                hasBaseline: size.baselineHolder == StudyTable.generator)
        }
        score("generator", model: "generator")
        for seed in 1...size.seeds {
            for arm in arms {
                let name = "\(arm.letter)/\(seed)"
                train(arm, seed: seed, name: name)
                measure(
                    name, model: "arms/\(name)", needs: name, seed: seed,
                    hasBaseline: arm.letter == size.baselineHolder)
                score(name, model: "arms/\(name)")
            }
        }
    }

    private mutating func add(
        _ name: String, _ program: Step.Program, _ arguments: [String], needs: [String] = [],
        environment: [String: String] = [:], output: String? = nil, scratch: String? = nil
    ) {
        steps.append(
            Step(
                name: name, program: program, arguments: arguments, environment: environment, needs: needs,
                output: output, scratch: scratch))
    }

    /// Text, test sets, vocabulary, generator and shards.
    private mutating func prepare() {
        add("text", .fetchCorpus, ["text"], environment: ["CORPUS_BYTES": "\(size.corpusBytes)"], output: "text")
        add(
            "tasks", .prepareTasks,
            ["data", "tasks", "--labels", "\(size.labels)", "--pairs", "\(size.pairs)"], output: "tasks")
        add(
            "vocabulary", .fastElectra,
            ["vocab"] + text + ["--size", "\(size.vocabularySize)", "--out", "vocabulary", "--json"],
            needs: textSteps, output: "vocabulary")
        add("shape", .study, ["shape", "--size", size.name, "--out", "shape.json"], output: "shape.json")
        if size.hasSmallerGenerator {
            add(
                "generator-shape", .study,
                ["shape", "--size", size.name, "--generator", "--out", "generator-shape.json"],
                output: "generator-shape.json")
        }
        add(
            "generator", .fastElectra,
            maskedLanguage(
                out: "generator", shape: size.hasSmallerGenerator ? "generator-shape.json" : "shape.json",
                steps: size.generatorSteps, seed: 1),
            needs: textSteps + ["vocabulary", size.hasSmallerGenerator ? "generator-shape" : "shape"],
            output: "generator")
        let heldOut = ["--text", "text/heldout.txt"]
        for (name, text, seed, topK) in [
            ("shards", text, "1", "16"), ("shards-heldout", heldOut, "2", "16"), ("shards-64", text, "1", "64"),
        ] where name != "shards-64" || has("g64") {
            add(
                name, .fastElectra,
                [
                    "generate", "--generator", "generator", "--out", name, "--max-length", "\(size.maximumLength)",
                    // The arms that replay a truncated top-k need all k; draws of the others have the same law.
                    "--top-k", topK, "--least-candidates", topK, "--seed", seed, "--json",
                ] + text, needs: textSteps + ["generator"], output: name)
        }
        for small in SmallShards.all where has(small.letter) {
            add(
                small.name, .fastElectra,
                [
                    "generate", "--generator", "generator", "--out", small.name, "--max-length",
                    "\(size.maximumLength)", "--passes", "\(small.passes)", "--races", "\(small.races)", "--seed", "1",
                    "--json", "--text", "tasks/unlabeled.txt",
                ], needs: ["tasks", "generator"], output: small.name)
        }
        let rewritten = [
            ("g16", "truncate", "shards", "shards-top16"), ("g64", "truncate", "shards-64", "shards-top64"),
            ("h", "unigram", "shards", "shards-unigram"),
        ]
        for (letter, command, source, out) in rewritten where has(letter) {
            add(out, .study, [command, "--shards", source, "--out", out], needs: [source], output: out)
        }
    }

    private func has(_ letter: String) -> Bool { arms.contains { $0.letter == letter } }

    private func maskedLanguage(out: String, shape: String, steps: Int, seed: Int) -> [String] {
        [
            "mlm", "--vocab", "vocabulary", "--preset", shape, "--out", out, "--max-length",
            "\(size.maximumLength)", "--steps", "\(steps)", "--batch-size", "\(size.batchSize)",
            "--learning-rate", size.generatorLearningRate, "--seed", "\(seed)", "--json",
        ] + text
    }

    /// The text that all read: the prose, and the sentences of the tasks as often as the size says.
    private var text: [String] {
        (["text/train.txt"] + Array(repeating: "tasks/unlabeled.txt", count: size.taskTextCopies))
            .flatMap { ["--text", $0] }
    }

    private var textSteps: [String] { ["text"] + (size.taskTextCopies > 0 ? ["tasks"] : []) }

    private mutating func train(_ arm: Arm, seed: Int, name: String) {
        let out = "arms/\(name)"
        let steps = Int((Double(size.steps) * arm.length).rounded())
        switch arm.training {
        case .replay(let shards, let temperature, let factor, let initialization):
            var options = [
                "--steps": "\(steps)", "--batch-size": "\(size.batchSize)",
                "--learning-rate": factor == 1 ? size.learningRate : rate(factor), "--seed": "\(seed)",
                "--temperature": temperature,
            ]
            if let initialization {
                options["--initialization"] = initialization
            } else {
                options["--init-from"] = "generator"
            }
            let arguments = options.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] }
            add(
                name, .fastElectra,
                [
                    "train", "--shards", shards, "--eval-shards", "shards-heldout", "--preset", "shape.json", "--out",
                    out,
                ] + arguments + ["--json"], needs: ["shape", "generator", shards, "shards-heldout"], output: out)
        case .joint(let factor):
            add(
                name, .study,
                [
                    "joint", "--shards", "shards", "--start", "generator", "--steps", "\(steps)", "--batch-size",
                    "\(size.batchSize)", "--learning-rate", rate(factor), "--seed", "\(seed)", "--out", out,
                ] + (size.hasSmallerGenerator ? ["--preset", "shape.json"] : []),
                needs: ["shape", "generator", "shards"], output: out)
        case .maskedLanguage:
            add(
                name, .fastElectra,
                maskedLanguage(out: out, shape: "shape.json", steps: size.generatorSteps + steps, seed: seed),
                needs: textSteps + ["vocabulary", "shape"], output: out)
        }
    }

    private func rate(_ factor: Double) -> String {
        guard let rate = Double(size.learningRate) else { preconditionFailure("a size's learning rate is a number") }
        return "\(rate * factor)"
    }

    /// Fine-tuning on every task, with classifiers of a seed's own.
    ///
    /// - Parameter hasBaseline: whether random parameters are measured beside the model.
    private mutating func measure(_ name: String, model: String, needs step: String, seed: Int, hasBaseline: Bool) {
        for task in size.tasks.map(MeasuredTask.init) {
            let own = "\(name)/\(task.name)"
            let rates = task.hasAllLabels ? [size.rateOfAllLabels] : size.classifierRates
            add(
                own, .fastElectra,
                [
                    "finetune", "--model", model, "--train", task.trainingFile, "--test", task.testFile, "--out",
                    "classifiers/\(own)", "--seeds", "\(size.classifiers)", "--seed",
                    "\((seed - 1) * size.classifiers + 1)", "--epochs",
                    "\(task.hasAllLabels ? size.epochsOfAllLabels : size.epochs)", "--metric", task.metric, "--json",
                ] + rates.flatMap { ["--learning-rates", $0] } + (hasBaseline ? ["--baseline"] : []),
                needs: [step, "tasks"], scratch: "classifiers/\(own)")
        }
    }

    private mutating func score(_ name: String, model: String) {
        add(
            "\(name)/blimp", .fastElectra, ["score", "--model", model, "--pairs", "tasks/blimp.jsonl", "--json"],
            needs: [name, "tasks"])
    }
}
