import CKernels
import KernelChoice

/// Softmax over rows, in place.
public enum Softmax {
    /// Each row of `width` floats becomes its softmax.
    public static func forward(_ rows: consuming MutableSpan<Float>, width: Int) {
        let count = rows.count
        precondition(width > 0 && count % width == 0)
        kernels.softmax(rows.address, count / width, width)
    }

    /// Turns one row of logits into scale · (softmax - one-hot), the gradient of scale · cross-entropy, and returns
    /// log Σ exp(logit).
    public static func differentiateCrossEntropy(
        row: consuming MutableSpan<Float>, target: Int, scale: Float
    ) -> Float {
        let width = row.count
        precondition(width > 0 && target >= 0 && target < width)
        let logSum = kernels.softmax_scaled(row.address, width, scale)
        row[target] -= scale
        return logSum
    }

    /// Turns the gradient of the probabilities into the gradient of the logits, in place: p (g - Σ g p).
    public static func backward(
        _ gradient: consuming MutableSpan<Float>, probabilities: Span<Float>, width: Int
    ) {
        let count = gradient.count
        precondition(width > 0 && count % width == 0 && probabilities.count == count)
        kernels.differentiate_softmax(gradient.address, probabilities.address, count / width, width)
    }
}
