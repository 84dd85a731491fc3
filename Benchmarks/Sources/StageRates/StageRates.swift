import ArgumentParser
import Corpus
import Distillation
import Format
import KernelChoice
import Kernels
import Models
import Random
import Replay
import Storage
import SystemPackage

/// The time that `generate` spends, stage by stage on one core, and how fast its shards are read and replayed.
@main
struct StageRates: ParsableCommand {
    @Option(help: "Hugging Face folder of the masked language model.")
    var generator: String

    @Option(help: "UTF-8 text.")
    var text: String

    @Option(help: "Sequences to generate and to replay.")
    var sequences = 2048

    @Option(help: "Candidates stored at each masked position.")
    var topK = 16

    @Option(help: "Independent draws of the rest.")
    var races = 4

    @Option(help: "Sequences that go through the encoder together; divides the block's size of 256.")
    var batch = 8

    @Option(help: "Masked positions that go through the head together.")
    var rows = 64

    @Option(help: "Tokens in a sequence.")
    var maxLength = 128

    func run() throws {
        let folder = FilePath(generator)
        let tokenizer = try Tokenizer(folder: folder)
        let (model, parameters) = try MaskedLanguageModel.load(from: folder)
        let header = try ShardHeader(
            vocabularySize: model.configuration.vocabularySize, vocabularySHA256: String(repeating: "0", count: 64),
            generatorSHA256: String(repeating: "0", count: 64),
            specialTokens: Format.SpecialTokens(padding: 0, classification: 2, separator: 3, mask: 4),
            maximumLength: maxLength, maskProbability: 0.15, seed: 1, keeping: 1...topK, visits: races,
            over: TemperatureRange(from: 1, to: 2))
        let special = tokenizer.vocabulary.special
        let masking = Masking(
            probability: header.maskProbability, maskToken: special.mask,
            specialTokens: Set(
                [special.padding, special.classification, special.separator, special.mask]
                    + [special.unknown].compactMap(\.self)))

        var times = StageTimes()
        let packed = try times.measure("tokenize and pack") {
            var source = try PackedSequences(
                of: DocumentReader([FilePath(text)]), tokenizer: tokenizer, maxLength: maxLength)
            var packed: [[Int32]] = []
            while packed.count < sequences, let sequence = try source.next() { packed.append(sequence.tokens) }
            return packed
        }
        let blocks = try generate(packed, model, parameters, header, masking, &times)
        let tokens = packed.reduce(0) { $0 + $1.count }
        let masked = blocks.reduce(0) { $0 + Int($1.maskedPositions) }
        print(
            "generate, one core: \(KernelSet.inUse), \(tokens) tokens, \(masked) masked positions"
        )
        times.report(tokens: tokens, masked: masked)
        print("distil + compress: \(percent(times.share(of: ["distil", "compress"]))) of all")
        try replay(blocks.map { $0.frame }, header)
    }

    private struct Encoded {
        var frame: EncodedBlock
        var maskedPositions: Int
    }

    private func generate(
        _ sequences: [[Int32]], _ model: MaskedLanguageModel, _ parameters: ParameterArena, _ header: ShardHeader,
        _ masking: Masking, _ times: inout StageTimes
    ) throws -> [Encoded] {
        let workspace = EncoderWorkspace(
            model.configuration, tokenCapacity: batch * maxLength, longestSequence: header.maximumLength,
            use: .inference)
        let prediction = PredictionWorkspace(model.configuration, rowCapacity: self.rows)
        let distillation = HeadAndRaces(header)
        let encoder = BlockEncoder()
        let stream = RandomStream(seed: header.seed, purpose: .masking)
        let vocabulary = model.configuration.vocabularySize
        let parameters = parameters.packing(model.weights)
        let (output, allLogits, hidden) = (workspace.output, prediction.logits, model.configuration.hiddenSize)
        var blocks: [Encoded] = []
        var block = SequenceBlock(shape: header.blockShape)
        // Divides the block's size.
        let perBatch = batch
        for first in stride(from: 0, to: sequences.count, by: perBatch) {
            var tokens = TokenBatch()
            var rows: [Int32] = []
            var plan: [(number: Int, position: Int32)] = []
            for number in first..<min(first + perBatch, sequences.count) {
                let positions = masking.positions(
                    in: sequences[number], stream: stream, pass: 0, sequence: UInt64(number))
                rows += positions.map { Int32(tokens.count) + $0 }
                plan += positions.map { (number, $0) }
                tokens.append(masking.masked(sequences[number], at: positions).span, number: 0)
            }
            times.measure("encoder") {
                model.encoder.forward(tokens, at: rows.span, arena: parameters, workspace: workspace)
            }
            var last = -1
            for start in stride(from: 0, to: rows.count, by: prediction.rowCapacity) {
                let range = start..<min(start + prediction.rowCapacity, rows.count)
                times.measure("head") {
                    model.predict(
                        output.span(range.lowerBound * hidden..<range.upperBound * hidden), rows: range.count,
                        arena: parameters, workspace: prediction)
                }
                try times.measure("distil") {
                    for row in range {
                        let (number, position) = plan[row]
                        if number != last {
                            let sequence = sequences[number]
                            block.appendSequence(sequence.span)
                        }
                        last = number
                        try distil(
                            allLogits, (row - start) * vocabulary, Int(position), ofSequence: UInt64(number),
                            distillation, &block)
                    }
                }
            }
            if block.sequenceCount == header.blockSize || first + perBatch >= sequences.count {
                let encoded = times.measure("compress") { encoder.encode(block) }
                blocks.append(Encoded(frame: encoded, maskedPositions: block.maskedCount))
                block.removeAll()
            }
        }
        return blocks
    }

    private func distil(
        _ logits: FloatBuffer, _ place: Int, _ position: Int, ofSequence number: UInt64, _ distillation: HeadAndRaces,
        _ block: inout SequenceBlock
    ) throws {
        var row = logits.mutableSpan(place..<place + block.shape.vocabularySize)
        try distillation.append(&row, atPosition: position, ofSequence: number, to: &block)
    }

    /// From the file on disk to (input ids, labels), the whole shard some times over.
    private func replay(_ blocks: [EncodedBlock], _ header: ShardHeader) throws {
        let folder = Folder(FilePath("stage-rates.partial"))
        try folder.create()
        defer { try? folder.remove() }
        let path = FilePath("stage-rates.partial/0.shard")
        var writer = try ShardWriter(path, header: header)
        for block in blocks { try writer.append(block) }
        let bytes = try writer.commit(endingPass: true).byteCount
        let sampler = try ReplaySampler(header, seed: 1).tempered(to: 1.5)
        var counts = ReplayCounts()
        var tokens = [Int32](repeating: 0, count: header.maximumLength)
        var labels = [UInt8](repeating: 0, count: header.maximumLength)
        let clock = ContinuousClock()
        let start = clock.now
        repeat {
            let reader = try ShardReader(path)
            let decoder = BlockDecoder()
            for index in 0..<reader.blockCount {
                let block = try reader.block(at: index, using: decoder)
                for row in 0..<block.sequenceCount {
                    var tokenSpan = tokens.mutableSpan
                    var labelSpan = labels.mutableSpan
                    counts += sampler.replay(
                        block, row: row, visit: 0, tokens: &tokenSpan, labels: &labelSpan)
                }
            }
        } while clock.now - start < .seconds(2)
        let seconds = (clock.now - start) / .seconds(1)
        print(
            "read and replay, one core: \(fixed(Double(counts.tokens) / seconds / 1e6, 1)) million tokens/s,"
                + " \(bytes) bytes a time")
    }
}
