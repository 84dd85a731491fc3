import Kernels
import Models
import SystemPackage

/// A classifier's parameters as far as a Hugging Face folder has them: the encoder's always; of the head, BERT's pooler, or all
/// of it where the folder holds a classifier of the same labels.
struct PretrainedEncoder: Sendable {
    private let parameters: ParameterArena
    private let taken: [Tensor]

    /// - Parameter stored: the folder's configuration, as ``ModelConfiguration/classifier(startingFrom:)`` reads it.
    /// - Throws: ``ModelError`` where a tensor of the encoder is missing, or one has another shape.
    init(_ folder: FilePath, stored: ModelConfiguration, classifier: SequenceClassifier, labels: [String]) throws {
        let weights = try ModelWeights(folder: folder)
        let head = Set(classifier.headTensors)
        let isSameTask = stored.labels == labels
        let isThere = { (tensor: Tensor) in
            tensor.parts.allSatisfy { weights.shape(of: $0.name) == $0.shape }
        }
        let isPooler = { (tensor: Tensor) in tensor.parts[0].name.hasPrefix("bert.") }
        taken = classifier.layout.tensors.filter { tensor in
            !head.contains(tensor) || ((isSameTask || isPooler(tensor)) && isThere(tensor))
        }
        // Before memory is allocated by the sizes in config.json.
        for part in taken.flatMap(\.parts) { try weights.check(part) }
        parameters = ParameterArena(classifier.layout)
        let wanted = Set(taken)
        _ = try parameters.read(from: weights, where: { wanted.contains($0) })
    }

    func copy(to arena: ParameterArena) {
        for tensor in taken { Rows.copy(parameters[tensor], to: arena.mutableSpan(of: tensor)) }
    }
}
