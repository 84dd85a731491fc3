import Format
import Inspect
import Terminal

/// The summary that people read.
extension DatasetReport: CommandResult {
    var table: Table {
        let range = header.temperatureRange
        var table = Table([
            "data set": path,
            "shards":
                "\(Quantity.count(shards)) in \(Quantity.count(blocks)) blocks, \(Quantity.bytes(bytes))"
                + (missingParts.map { ", not complete: \($0)" } ?? (isComplete ? "" : ", not complete")),
            "sequences":
                "\(Quantity.count(sequences)) in \(passes) \(passes == 1 ? "pass" : "passes"), at most "
                + "\(header.maximumLength) tokens",
            "tokens": Quantity.count(tokens),
            "masked positions":
                "\(Quantity.count(maskedPositions)), \(Quantity.fixed(bytesPerMaskedPosition, 1)) bytes each",
            "head and races":
                (header.leastCandidates == header.mostCandidates
                ? "\(header.mostCandidates)" : "\(header.leastCandidates) to \(header.mostCandidates)")
                + " candidates, \(header.visitWords), T \(range.minimum) to \(range.maximum)",
            "deviation":
                "draws follow softmax(z/T) within a total variation of \(Quantity.fixed(header.deviation, 4))",
            "never drawn": neverDrawnLine,
            "masking": "probability \(header.maskProbability), seed \(header.seed)",
            "vocabulary":
                "\(Quantity.count(header.vocabularySize)) tokens, SHA-256 \(header.vocabularySHA256.prefix(16))…",
            "generator": "SHA-256 \(header.generatorSHA256.prefix(16))…",
            "one epoch": "\(Quantity.count(sequences)) sequences, \(Quantity.count(tokens)) tokens",
        ])
        for model in epoch.models {
            table.append(
                "  as \(model.preset)",
                "\(Quantity.count(model.steps)) steps of \(model.batchSize), "
                    + "\(Quantity.short(Double(model.parameters))) parameters, \(Quantity.short(model.operations, unit: "FLOP"))"
            )
        }
        table.append("sample", sampleLine)
        for fault in Set(sample.faults + faults).sorted() { table.append("  not readable", fault) }
        if sample.maskedPositions > 0 {
            let inHead = Double(sample.originalsInHead) / Double(sample.maskedPositions)
            let first = Double(sample.originalsFirst) / Double(sample.maskedPositions)
            table.append("original a candidate", "\(percent(inHead)); the generator's first guess: \(percent(first))")
        }
        return table
    }

    private var neverDrawnLine: String {
        if neverDrawn.count == 0 { return "no token is left out" }
        let more = neverDrawn.count - neverDrawn.first.count
        return neverDrawn.first.joined(separator: ", ") + (more > 0 ? " and \(Quantity.count(more)) more" : "")
    }

    private var sampleLine: String {
        let blockCount = Quantity.count(sample.blocks.count)
        let found = "\(Quantity.count(sample.maskedPositions)) masked positions"
        if sample.blocks.count == blocks { return "all \(blockCount) blocks, \(found)" }
        return "\(blockCount) blocks spread over all, drawn with seed \(sample.seed), \(found)"
    }

    func text(on canvas: Canvas) -> String {
        var text = table.text(columns: canvas.columns)
        if sources.count > 1 { text += "\ntokens by source\n" + sourceChart.text(on: canvas) }
        guard sample.maskedPositions > 0 else { return text }
        text += "\nbytes a masked position, by column\n" + columnChart.text(on: canvas)
        text += "\nmasked positions replaced, by temperature\n" + replaceChart.text(on: canvas)
        text += "\nentropy and the generator's loss in nats, probability of the original, and the tail's mass\n"
        text += temperatureTable.text(columns: canvas.columns)
        text += "\nreplaced over training, \(schedule.schedule)\n" + scheduleChart.text(on: canvas)
        if !header.isDense { text += "\ntokens that lead a race over the range\n" + winnerChart.text(on: canvas) }
        text += "\nmasked positions, by place in the sequence\n" + positionChart.text(on: canvas)
        let (first, last) = (sample.mostPredictable.prefix(8), sample.leastPredictable.prefix(8))
        if !first.isEmpty {
            text += "\ntokens masked \(sample.leastCount) times or more, by their mean probability at T = "
            text += "\(header.temperatureRange.minimum)\n"
            text += StyledText("  most predictable: " + list(first)).text(on: canvas)
            text += StyledText("  least predictable: " + list(last)).text(on: canvas)
        }
        return text
    }

    private var sourceChart: BarChart {
        var chart = BarChart()
        for source in sources {
            let share = Double(source.tokens) / Double(max(tokens, 1))
            chart.append(
                source.name, Double(source.tokens),
                "\(Quantity.count(source.tokens)) in \(Quantity.count(source.sequences)) sequences  \(percent(share))")
        }
        return chart
    }

    private var columnChart: BarChart {
        var chart = BarChart()
        for column in sample.columns {
            let share = Double(column.bytes) / Double(max(sample.bytes, 1))
            chart.append(
                column.column, column.bytesPerMaskedPosition,
                "\(Quantity.fixed(column.bytesPerMaskedPosition, 2))  \(percent(share))")
        }
        return chart
    }

    private var replaceChart: BarChart {
        var chart = BarChart(maximum: 1)
        for point in shownTemperatures {
            chart.append("T = \(Quantity.short(point.temperature))", point.replaceRate, percent(point.replaceRate))
        }
        return chart
    }

    private var temperatureTable: Table {
        var table = Table(
            header: ["  T", "entropy", "loss", "original", "tail, mean", "10 %", "median", "90 %"],
            alignments: [.right, .right, .right, .right, .right, .right, .right, .right])
        for point in shownTemperatures {
            table.append(
                [Quantity.short(point.temperature), point.entropy.map { Quantity.fixed($0, 3) } ?? "-"]
                    + [Quantity.fixed(point.loss, 3), Quantity.fixed(point.originalProbability, 3)]
                    + [Quantity.fixed(point.tailMass, 3)]
                    + point.tailMassPercentiles.map { Quantity.fixed($0.value, 3) })
        }
        return table
    }

    private var scheduleChart: BarChart {
        var chart = BarChart(maximum: 1)
        for (index, point) in schedule.points.enumerated() where index.isMultiple(of: 4) {
            chart.append(
                "\(percent(point.progress)), T = \(Quantity.short(point.temperature))", point.replaceRate ?? 0,
                point.replaceRate.map(percent) ?? "outside the shards' range")
        }
        return chart
    }

    private var winnerChart: BarChart {
        var chart = BarChart()
        let races = max(sample.winnersPerRace.reduce(0, +), 1)
        let shown = (sample.winnersPerRace.lastIndex { $0 > 0 } ?? 0) + 1
        for (index, count) in sample.winnersPerRace.prefix(shown).enumerated() {
            let isOpen = index == sample.winnersPerRace.count - 1
            chart.append("\(index + 1)\(isOpen ? "+" : "")", Double(count), percent(Double(count) / Double(races)))
        }
        return chart
    }

    /// Eight lines at most, each with the share of tokens that are masked.
    private var positionChart: BarChart {
        var chart = BarChart()
        let size = (sample.positions.count + 7) / 8
        for start in stride(from: 0, to: sample.positions.count, by: size) {
            let bins = sample.positions[start..<min(start + size, sample.positions.count)]
            let masked = bins.reduce(0) { $0 + $1.masked }
            let tokens = bins.reduce(0) { $0 + $1.tokens }
            guard tokens > 0, let first = bins.first, let last = bins.last else { continue }
            let share = Double(masked) / Double(tokens)
            chart.append("\(first.firstPosition)-\(last.lastPosition)", share, percent(share))
        }
        return chart
    }

    /// Five of the temperatures, both ends among them.
    private var shownTemperatures: [SampleReport.Temperature] {
        let step = max(1, (sample.temperatures.count - 1) / 4)
        return sample.temperatures.enumerated().filter { $0.offset.isMultiple(of: step) }.map(\.element)
    }

    private func list(_ tokens: some Sequence<SampleReport.Token>) -> String {
        tokens.map { "\($0.token) \(Quantity.fixed($0.probability, 2))" }.joined(separator: ", ")
    }

    private func percent(_ share: Double) -> String { Quantity.fixed(share * 100, 1) + " %" }
}

extension ShardHeader {
    fileprivate var visitWords: String {
        visitCount > 0 ? "\(visitCount) independent visits" : "all visits independent"
    }
}
