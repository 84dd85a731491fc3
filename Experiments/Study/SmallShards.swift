/// Shards of the tasks' unlabeled sentences alone: a text so small that a run visits each sequence several times. They tell
/// whether stored passes and races beyond the first are worth their bytes.
struct SmallShards {
    let letter: String
    let title: String
    let name: String
    let passes: Int
    let races: Int

    static let all = [
        SmallShards(letter: "n-p1", title: "1 pass, 4 races", name: "shards-small", passes: 1, races: 4),
        SmallShards(letter: "n-p4", title: "4 passes, 4 races", name: "shards-small-passes4", passes: 4, races: 4),
        SmallShards(letter: "n-r1", title: "1 pass, 1 race", name: "shards-small-races1", passes: 1, races: 1),
    ]
}
