import ArgumentParser
import Format
import Storage
import SystemPackage
import Train

/// Shards to train on, from one folder or several, and in which proportions.
struct ShardsOption: ParsableArguments {
    /// A folder, and the weight behind it if there is one: `shards:0.7`.
    ///
    /// The text behind the last colon is a weight if it is a number and if the whole argument is not an existing path.
    struct Weighted: ExpressibleByArgument {
        let path: FilePath
        let weight: Double?

        init?(argument: String) {
            guard !argument.isEmpty else { return nil }
            if let colon = argument.lastIndex(of: ":"), colon != argument.startIndex,
                let weight = Double(argument[argument.index(after: colon)...]),
                (try? FileSnapshot(of: [FilePath(argument)])) == nil
            {
                self.weight = weight
                path = FilePath(String(argument[..<colon]))
            } else {
                weight = nil
                path = FilePath(argument)
            }
        }
    }

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Folders of shards, with weights that say how often each is drawn from.",
            discussion:
                "--shards a:0.7 b:0.3 draws seven sequences of a to three of b, each in epochs of its own. Without weights,"
                + " each folder is drawn from in proportion to its size. All folders need the same vocabulary.",
            valueName: "dir[:weight]"), completion: .directory)
    var shards: [Weighted]

    @Option(
        help: ArgumentHelp(
            "Draw tokens of each source in proportion to (number of its tokens)^x.",
            discussion:
                "`generate --text NAME=FILE` names the sources. 1 keeps their own proportion, 0 draws the same amount of each."
                + " XLM-E takes 0.7 for languages.",
            valueName: "x"))
    var sourcePower: Double?

    func validate() throws {
        let weights = shards.compactMap(\.weight)
        for weight in weights where !(weight > 0 && weight <= 1e9) {
            throw ValidationError("'--shards' takes weights above 0 and up to 1e9, not \(weight)")
        }
        if !weights.isEmpty, weights.count < shards.count {
            throw ValidationError("Give all '--shards' a weight or none")
        }
        if let sourcePower {
            guard (0...4).contains(sourcePower) else {
                throw ValidationError("'--source-power' takes 0 to 4, not \(sourcePower)")
            }
            if !weights.isEmpty {
                throw ValidationError("'--source-power' and weights of '--shards' exclude each other")
            }
        }
    }

    func open() throws -> TrainingData {
        try TrainingData(try shards.map { try Dataset($0.path) }, proportions)
    }

    private var proportions: TrainingData.Proportions {
        if let sourcePower { return .sources(power: sourcePower) }
        let weights = shards.compactMap(\.weight)
        return weights.count > 1 ? .weights(weights) : .natural
    }

    /// The parameters that decide the data, by the names that the person knows.
    func parameters(of data: TrainingData) -> [String: String] {
        let shown = zip(shards, data.datasets).map { shards, dataset in
            let weight = data.datasets.count > 1 ? shards.weight.map { ", weight \($0)" } : nil
            return dataset.manifest.fingerprint + (weight ?? "")
        }
        return [
            "--shards": shown.joined(separator: "; "), "--source-power": sourcePower.map { "\($0)" } ?? "",
        ]
    }
}
