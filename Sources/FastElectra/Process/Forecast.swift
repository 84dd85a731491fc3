import Format
import Generate
import Storage
import SystemPackage
import Terminal
import Training

/// An estimate of a command's time, memory and disk: the result of `--dry-run`.
struct Forecast<Figures: ForecastFigures>: CommandResult {
    let figures: Figures
    /// Bytes that may still be written where the output would be.
    let freeDiskBytes: Int?
    /// The settings that decide the result, by the names that the person knows.
    let settings: [String: String]

    init(_ figures: Figures, in out: FilePath, _ parameters: RunParameters) {
        self.figures = figures
        freeDiskBytes = FileSystemSpace.freeByteCount(at: out)
        settings = parameters.values.filter { $0.key != RunParameters.commandName && !$0.value.isEmpty }
    }

    private enum CodingKeys: String, CodingKey {
        case freeDiskBytes, settings
    }

    func encode(to encoder: any Encoder) throws {
        try figures.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(freeDiskBytes, forKey: .freeDiskBytes)
        try container.encode(settings, forKey: .settings)
    }

    var table: Table {
        var table = figures.table
        if let freeDiskBytes {
            let isShort = freeDiskBytes < figures.mostDiskBytes
            table.append("free", Quantity.bytes(freeDiskBytes) + (isShort ? ": not enough" : ""))
        }
        for (name, value) in settings.sorted(by: { $0.key < $1.key }) { table.append(name, value) }
        return table
    }
}

/// The figures of a forecast.
protocol ForecastFigures: Encodable {
    var table: Table { get }
    var mostDiskBytes: Int { get }
}

extension TrainingForecast: ForecastFigures {
    var table: Table {
        Table([
            "model": "\(Quantity.count(parameters)) parameters",
            "steps": "\(Quantity.count(steps)), \(Quantity.fixed(epochs, 2)) times through the data",
            "tokens": Quantity.short(Double(tokens)),
            "speed":
                "\(Quantity.short(tokensPerSecond)) tokens/s, \(Quantity.short(flopsPerToken, unit: "FLOP")) a token, "
                + "\(Quantity.fixed(100 * utilization, 0)) % of the peak rate",
            "time": Quantity.time(seconds),
            "memory": Quantity.bytes(memory),
            "disk": "\(Quantity.bytes(diskBytes)) in checkpoints of \(Quantity.bytes(checkpointBytes)), at most "
                + "\(Quantity.bytes(mostDiskBytes)) on the way",
        ])
    }
}

/// The estimate for `generate`.
struct DatasetForecast: ForecastFigures {
    let sequences: Int
    let tokens: Int
    let maskedPositions: Int
    let bytes: Int
    /// An upper bound of the total variation between draws and softmax(z/T).
    let deviation: Double
    let tokensPerSecond: Double
    let seconds: Double
    /// Bytes.
    let memory: Int
    /// The share of the text that this is told from.
    let share: Double

    init(_ forecast: GenerationForecast, deviation: Double, memory: Int) {
        sequences = Int(forecast.counts.sequences)
        tokens = Int(forecast.counts.tokens)
        maskedPositions = Int(forecast.counts.maskedPositions)
        bytes = forecast.bytes
        self.deviation = deviation
        tokensPerSecond = forecast.tokensPerSecond
        seconds = forecast.seconds
        self.memory = memory
        share = forecast.share
    }

    var mostDiskBytes: Int { bytes }

    var table: Table {
        let size = maskedPositions > 0 ? Double(bytes) / Double(maskedPositions) : 0
        return Table([
            "told from": "\(Quantity.fixed(100 * share, 1)) % of the text",
            "sequences": Quantity.count(sequences),
            "tokens": Quantity.count(tokens),
            "masked positions": "\(Quantity.count(maskedPositions)), \(Quantity.fixed(size, 1)) bytes each",
            "deviation": "draws follow softmax(z/T) within a total variation of \(Quantity.fixed(deviation, 4))",
            "speed": "\(Quantity.short(tokensPerSecond)) tokens/s",
            "time": Quantity.time(seconds),
            "memory": Quantity.bytes(memory),
            "disk": Quantity.bytes(bytes),
        ])
    }
}
