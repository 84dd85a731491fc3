import Finetuning
import Generate
import Kernels
import Models
import Storage
import SystemPackage

/// A model, a batch of sequences, and the path for the model's output.
struct Request: Decodable {
    /// A Hugging Face folder.
    let folder: String
    /// Ragged: no padding.
    let sequences: [[Int32]]
    /// Masked positions of each sequence: the model is a masked language model.
    let positions: [[Int32]]?
    /// Where token type 1 begins in each sequence, its length where nowhere: the model is a classifier.
    let secondSegments: [Int]?
    /// 32-bit floats: [masked positions, vocabulary], [sequences, labels] or, of a discriminator, [tokens].
    let output: String

    func answer() throws {
        var batch = TokenBatch()
        for (number, sequence) in sequences.enumerated() {
            batch.append(sequence.span, secondSegment: secondSegments?[number], number: 0)
        }
        var file = try DurableFile(replacing: FilePath(output))
        if let positions {
            let rows = zip(batch.sequences, positions).flatMap { sequence, positions in
                positions.map { Int32(sequence.rows.lowerBound) + $0 }
            }
            let logits = try maskedLogits(batch, at: rows)
            try file.write(logits.span.bytes)
        } else if secondSegments != nil {
            let logits = try classLogits(batch)
            try file.write(logits.span.bytes)
        } else {
            let logits = try detectionLogits(batch)
            try file.write(logits.span.bytes)
        }
        try file.commit()
    }

    private var longest: Int { sequences.map(\.count).max() ?? 0 }

    private func maskedLogits(_ batch: TokenBatch, at rows: [Int32]) throws -> FloatBuffer {
        let (model, parameters) = try MaskedLanguageModel.load(from: FilePath(folder))
        try model.check(
            vocabularySize: model.configuration.vocabularySize, maxLength: longest, folder: FilePath(folder))
        let workspace = EncoderWorkspace(
            model.configuration, tokenCapacity: batch.count, longestSequence: longest, use: .inference)
        model.encoder.forward(batch, arena: parameters, workspace: workspace)
        let prediction = PredictionWorkspace(model.configuration, rowCapacity: rows.count)
        model.predict(at: rows.span, of: workspace.output, arena: parameters, workspace: prediction)
        return prediction.logits
    }

    private func classLogits(_ batch: TokenBatch) throws -> FloatBuffer {
        let path = FilePath(folder).appending(ModelConfiguration.fileName)
        let configuration = try ModelConfiguration(contentsOf: path)
        guard let architecture = configuration.architecture, architecture.isClassifier else {
            throw ModelError(.wrongArchitecture(found: "another", expected: "a classifier"), path)
        }
        let classifier = SequenceClassifier(
            configuration.encoder, architecture.family, labelCount: configuration.labels.count)
        let parameters = ParameterArena(classifier.layout)
        try parameters.readAll(from: ModelWeights(folder: FilePath(folder)))
        let workspace = ClassifierWorkspace(
            classifier, tokenCapacity: batch.count, longestSequence: longest, use: .inference)
        classifier.forward(batch, arena: parameters, workspace: workspace)
        let logits = FloatBuffer(count: sequences.count * classifier.labelCount)
        Rows.copy(workspace.logits.span(0..<logits.count), to: logits.mutableSpan)
        return logits
    }

    private func detectionLogits(_ batch: TokenBatch) throws -> FloatBuffer {
        let path = FilePath(folder).appending(ModelConfiguration.fileName)
        let discriminator = Discriminator(try ModelConfiguration(contentsOf: path).encoder)
        let parameters = ParameterArena(discriminator.layout)
        try parameters.readAll(from: ModelWeights(folder: FilePath(folder)))
        let workspace = DiscriminatorWorkspace(
            discriminator.configuration, tokenCapacity: batch.count, longestSequence: longest, use: .inference)
        discriminator.forward(batch, arena: parameters, workspace: workspace)
        return workspace.logits
    }
}
