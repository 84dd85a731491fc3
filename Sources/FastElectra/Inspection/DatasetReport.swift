import Format
import Terminal

/// A data set in numbers.
struct DatasetReport: CommandResult {
    let passes: Int
    let sequences: Int
    let tokens: Int
    let maskedPositions: Int
    let shards: Int
    let bytes: Int
    let bytesPerMaskedPosition: Double
    let isComplete: Bool
    let header: ShardHeader

    init(_ source: ShardSource) {
        switch source {
        case .dataset(let dataset):
            passes = dataset.passCount
            shards = dataset.manifest.shards.count
            isComplete = dataset.isComplete
        case .shard(let reader):
            passes = 1
            shards = 1
            isComplete = reader.endsPass && reader.header.firstSequence == 0
        }
        sequences = Int(source.counts.sequences)
        tokens = Int(source.counts.tokens)
        maskedPositions = Int(source.counts.maskedPositions)
        bytes = Int(source.byteCount)
        bytesPerMaskedPosition = Double(bytes) / Double(max(maskedPositions, 1))
        header = source.header
    }

    var table: Table {
        let range = header.temperatureRange
        return Table([
            "shards": "\(Quantity.count(shards)), \(Quantity.bytes(bytes))\(isComplete ? "" : ", not complete")",
            "sequences": "\(Quantity.count(sequences)) in \(passes) passes, at most \(header.maximumLength) tokens",
            "tokens": Quantity.count(tokens),
            "masked positions":
                "\(Quantity.count(maskedPositions)), \(Quantity.fixed(bytesPerMaskedPosition, 1)) bytes each",
            "head and races":
                "\(header.headSize) candidates, \(header.raceCount) races, T \(range.minimum) to \(range.maximum)",
            "masking": "probability \(header.maskProbability), seed \(header.seed)",
            "vocabulary":
                "\(Quantity.count(header.vocabularySize)) tokens, SHA-256 \(header.vocabularySHA256.prefix(16))…",
            "generator": "SHA-256 \(header.generatorSHA256.prefix(16))…",
        ])
    }
}
