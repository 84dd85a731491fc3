/// An entry of a size's `tasks`: the folder of a task and, with `-all` behind it, its training examples without the limit
/// of ``StudySize/labels``.
struct MeasuredTask {
    let name: String
    let folder: String
    let hasAllLabels: Bool

    private static let suffix = "-all"

    init(_ name: String) {
        self.name = name
        hasAllLabels = name.hasSuffix(Self.suffix)
        folder = hasAllLabels ? String(name.dropLast(Self.suffix.count)) : name
    }

    var trainingFile: String { "tasks/\(folder)/\(hasAllLabels ? "full" : "train").tsv" }
    var testFile: String { "tasks/\(folder)/test.tsv" }
    /// Of `finetune --metric`.
    var metric: String { folder == "cola" ? "matthews" : "accuracy" }
}
