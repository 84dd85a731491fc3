import Kernels

/// Dropout for one training step: how likely, and the sites of the network that masks are addressed by.
public struct DropoutPlan: Sendable {
    public let hidden: Dropout
    public let attention: Dropout
    public let classifier: Dropout
    public let step: UInt32

    /// `nil` where nothing is dropped.
    public init?(_ configuration: EncoderConfiguration, seed: UInt64, step: UInt32) {
        let probabilities = [
            configuration.hiddenDropout, configuration.attentionDropout, configuration.classifierDropout,
        ]
        if probabilities.allSatisfy({ $0 == 0 }) { return nil }
        hidden = Dropout(probability: configuration.hiddenDropout, seed: seed)
        attention = Dropout(probability: configuration.attentionDropout, seed: seed)
        classifier = Dropout(probability: configuration.classifierDropout, seed: seed)
        self.step = step
    }

    package enum Site {
        case embeddings
        case attentionProbabilities(layer: Int, head: Int)
        case attentionOutput(layer: Int)
        case feedForwardOutput(layer: Int)
        case classifierInput
        case classifierHidden

        /// Layers and heads number below 4,096 each.
        package var number: UInt32 {
            switch self {
            case .embeddings: 0
            case .attentionOutput(let layer): 1 | UInt32(layer) << 20
            case .feedForwardOutput(let layer): 2 | UInt32(layer) << 20
            case .attentionProbabilities(let layer, let head): 3 | UInt32(layer) << 20 | UInt32(head) << 4
            case .classifierInput: 4
            case .classifierHidden: 5
            }
        }
    }

    /// Drops hidden values, [tokens, width], sequence by sequence; the gradient likewise.
    func applyHidden(to values: FloatBuffer, width: Int, of batch: borrowing TokenBatch, at site: Site) {
        for sequence in batch.sequences {
            hidden.apply(to: values.mutableSpan(sequence.elements(width: width)), at: address(sequence, site))
        }
    }

    /// The same from one buffer into another.
    func applyHidden(
        from values: FloatBuffer, into output: FloatBuffer, width: Int, of batch: borrowing TokenBatch, at site: Site
    ) {
        for sequence in batch.sequences {
            let elements = sequence.elements(width: width)
            hidden.apply(
                from: values.span(elements), into: output.mutableSpan(elements), at: address(sequence, site))
        }
    }

    /// Drops hidden values and adds the residual.
    func applyHidden(
        to values: FloatBuffer, adding residual: FloatBuffer, width: Int, of batch: borrowing TokenBatch, at site: Site
    ) {
        for sequence in batch.sequences {
            let elements = sequence.elements(width: width)
            hidden.apply(
                to: values.mutableSpan(elements), adding: residual.span(elements), at: address(sequence, site))
        }
    }

    /// Drops values that a classification head works on, [sequences, width]; the gradient likewise.
    package func applyClassifier(
        to values: FloatBuffer, width: Int, of batch: borrowing TokenBatch, at site: Site
    ) {
        for (row, sequence) in batch.sequences.enumerated() {
            classifier.apply(to: values.mutableSpan(row * width..<(row + 1) * width), at: address(sequence, site))
        }
    }

    private func address(_ sequence: TokenBatch.Sequence, _ site: Site) -> Dropout.Address {
        Dropout.Address(step: step, sequence: sequence.number, site: site.number)
    }
}
