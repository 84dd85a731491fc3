import Corpus
import Format
import Generate
import Terminal

extension GenerateCommand {
    /// The result that `generate` prints at its end.
    struct Result: CommandResult {
        let passes: Int
        let sequences: Int
        let tokens: Int
        let maskedPositions: Int
        let shards: Int
        let bytes: Int
        let bytesPerMaskedPosition: Double
        /// An upper bound of the total variation between draws and softmax(z/T).
        let deviation: Double
        /// Counts of the text, read once; nil where they are not known any more.
        let text: TextCounts?
        let tokensPerSecond: Double
        let seconds: Double
        let didWork: Bool
        /// The part that was made, as `1/4`; nil where it was the whole data set.
        let part: String?
        /// Whether the data set has all of its shards.
        let isComplete: Bool
        let output: String

        init(_ summary: GenerationSummary, of part: DatasetPart?, _ header: ShardHeader, output: String) {
            passes = summary.passes
            sequences = Int(summary.counts.sequences)
            tokens = Int(summary.counts.tokens)
            maskedPositions = Int(summary.counts.maskedPositions)
            shards = summary.shards
            bytes = Int(summary.bytes)
            bytesPerMaskedPosition = Double(bytes) / Double(max(maskedPositions, 1))
            deviation = header.deviation
            text = summary.text
            tokensPerSecond = summary.newTokens > 0 ? Double(summary.newTokens) / summary.seconds : 0
            seconds = summary.seconds
            didWork = summary.newTokens > 0
            self.part = part?.description
            isComplete = summary.isComplete
            self.output = output
        }

        var table: Table {
            var table = Table([
                "data set":
                    "\(part.map { "part \($0) of " } ?? "")\(output), \(shards) shards, \(Quantity.bytes(bytes))",
                "sequences": "\(Quantity.count(sequences)) in \(passes) passes",
                "tokens": Quantity.count(tokens),
                "masked positions":
                    "\(Quantity.count(maskedPositions)), \(Quantity.fixed(bytesPerMaskedPosition, 1)) bytes each",
                "deviation":
                    "draws follow softmax(z/T) within a total variation of \(Quantity.fixed(deviation, 4))",
            ])
            for row in text?.rows ?? [] { table.append(row) }
            table.append(
                "speed",
                didWork
                    ? "\(Quantity.short(tokensPerSecond)) tokens/s, \(Quantity.time(seconds))" : "all was done before")
            if part != nil {
                table.append(
                    "to do",
                    (isComplete ? "" : "the other parts, then ")
                        + "the same command without --part, which completes the data set"
                )
            }
            return table
        }
    }
}
