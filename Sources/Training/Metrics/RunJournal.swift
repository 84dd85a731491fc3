import SystemPackage

/// The records that a run writes while it goes: `metrics.jsonl` and TensorBoard's events.
struct RunJournal: Sendable {
    private let log: MetricsLog
    private let events: EventFile

    /// - Parameter mark: `nil` where the run begins anew.
    init(in folder: FilePath, continuingAt mark: MetricsLog.Mark?) throws {
        log = try MetricsLog(in: folder, continuingAt: mark)
        events = try EventFile(in: folder, continuingAfter: mark?.step ?? 0)
    }

    func byteCount() throws -> Int64 { try log.byteCount() }

    /// - Parameters:
    ///   - group: the group of the figures: `train` or `eval`, which goes before their names in the log (but for `train`)
    ///     and into TensorBoard's tags.
    func append(_ record: MetricsRecord, step: Int, group: String) throws {
        let prefix = group == "train" ? "" : group + "_"
        var line = Dictionary(uniqueKeysWithValues: record.values.map { (prefix + $0.key, $0.value) })
        let stepName = MetricsRecord.Figure.step.rawValue
        line[stepName] = Double(step)
        try log.append(line)
        let scalars = record.values.filter { $0.key != stepName }.map { ("\(group)/\($0.key)", $0.value) }
        try events.append(Dictionary(uniqueKeysWithValues: scalars), step: step)
    }

    func append(_ finding: HealthFinding) throws {
        try log.append(finding)
    }

    @Sendable func synchronize() throws {
        try log.synchronize()
        try events.synchronize()
    }

    func close() {
        log.close()
        events.close()
    }
}
