/// How large a study is. `STUDY=` names it.
public struct StudySize: Sendable {
    public var name: String
    /// Of prose, at most.
    public var corpusBytes: Int
    /// How often the unlabeled sentences of the tasks' training parts are in the text, beside the prose.
    public var taskTextCopies: Int
    public var vocabularySize: Int
    /// Of the discriminators and of (j).
    public var layerCount: Int
    public var generatorLayerCount: Int
    public var hiddenSize: Int
    public var maximumLength = 64
    public var batchSize = 32
    /// Of masked language modeling.
    public var generatorLearningRate = "1e-3"
    public var learningRate: String
    /// Updates of the generator, and of each arm's discriminator.
    public var generatorSteps: Int
    public var steps: Int
    /// Of pre-training.
    public var seeds: Int
    /// Arms by their letters; see ``Arm``.
    public var arms: [String]
    /// Folders of the test sets; `trec-all` is `trec` with all labels.
    public var tasks: [String]
    /// Classifiers of each encoder and task.
    public var classifiers: Int
    /// Labeled examples of a task, how often they are visited, and peak learning rates; more than one are chosen from on a
    /// part held back.
    public var labels = 500
    public var epochs = 10
    public var classifierRates: [String]
    /// The same of a task with all its labels.
    public var epochsOfAllLabels = 5
    public var rateOfAllLabels = "5e-4"
    /// BLiMP's pairs of each paradigm.
    public var pairs: Int

    var hasSmallerGenerator: Bool { generatorLayerCount < layerCount }

    /// The row whose fine-tuning also measures random parameters. They get the shape of its model, so it must have the
    /// discriminators' shape.
    var baselineHolder: String { hasSmallerGenerator ? arms[0] : StudyTable.generator }

    package init(
        name: String, corpusBytes: Int, taskTextCopies: Int = 0, vocabularySize: Int, layerCount: Int,
        generatorLayerCount: Int, hiddenSize: Int, learningRate: String = "1e-3", generatorSteps: Int, steps: Int,
        seeds: Int, arms: [String], tasks: [String], classifiers: Int, classifierRates: [String], pairs: Int
    ) {
        (self.name, self.corpusBytes, self.taskTextCopies) = (name, corpusBytes, taskTextCopies)
        self.vocabularySize = vocabularySize
        (self.layerCount, self.generatorLayerCount, self.hiddenSize) = (layerCount, generatorLayerCount, hiddenSize)
        self.learningRate = learningRate
        (self.generatorSteps, self.steps, self.seeds) = (generatorSteps, steps, seeds)
        (self.arms, self.tasks, self.classifiers) = (arms, tasks, classifiers)
        (self.classifierRates, self.pairs) = (classifierRates, pairs)
    }

    /// The whole chain in small: it shows that all works, and decides nothing. After a change of a shape, delete the working
    /// folder: arguments do not show it.
    public static let quick = StudySize(
        name: "quick", corpusBytes: 11_000_000, vocabularySize: 2048, layerCount: 2,
        generatorLayerCount: 1, hiddenSize: 64, generatorSteps: 600, steps: 400, seeds: 2, arms: ["a", "f", "g16"],
        tasks: ["sst2", "trec"], classifiers: 1,
        classifierRates: ["1e-3"], pairs: 10)

    /// Arms at a size that two cores can do in an evening, three hours: the main table.
    public static let evening = StudySize(
        name: "evening", corpusBytes: 200_000_000, taskTextCopies: 4, vocabularySize: 8192, layerCount: 2,
        generatorLayerCount: 2, hiddenSize: 128, generatorSteps: 2000, steps: 2000, seeds: 3,
        arms: ["a", "b", "c", "d1", "d2", "e1", "e2", "f", "g16", "g64", "h", "l1", "l2", "m-a0.25", "j"]
            + SmallShards.all.map(\.letter),
        tasks: ["sst2", "trec", "subjectivity"], classifiers: 2, classifierRates: ["1e-3"], pairs: 100)

    /// The arms of the full study that come first. The first one measures random parameters, too: do not move it.
    private static let urgent = ["o-a0.25", "a", "f", "g16", "j"]

    /// All arms at the sizes that the questions need: days on two cores. The generator has a quarter of the discriminators' layers,
    /// as in the paper.
    public static let full = StudySize(
        name: "full", corpusBytes: 200_000_000, taskTextCopies: 4, vocabularySize: 8192, layerCount: 4,
        generatorLayerCount: 1, hiddenSize: 128, learningRate: "5e-4", generatorSteps: 4000, steps: 10_000, seeds: 3,
        arms: urgent + Arm.all.map(\.letter).filter { !urgent.contains($0) },
        tasks: ["sst2", "trec", "trec-all", "subjectivity", "cola", "rte"], classifiers: 3,
        classifierRates: ["3e-4", "1e-3"], pairs: 200)

    public static let all = [quick, evening, full]
}
