/// Softmax over rows, in place.
public enum Softmax {
    /// Each row of `width` floats becomes its softmax.
    public static func forward(_ rows: consuming MutableSpan<Float>, width: Int) {
        let count = rows.count
        precondition(width > 0 && count % width == 0)
        rows.withUnsafeMutableBufferPointer { rows in
            guard let start = rows.baseAddress else { return }
            for row in 0..<count / width { _ = normalize(start + row * width, width: width) }
        }
    }

    /// Turns one row of logits into scale · (softmax - one-hot), the gradient of scale · cross-entropy, and returns
    /// log Σ exp(logit).
    public static func differentiateCrossEntropy(
        row: consuming MutableSpan<Float>, target: Int, scale: Float
    ) -> Float {
        let width = row.count
        precondition(width > 0 && target >= 0 && target < width)
        return row.withUnsafeMutableBufferPointer { row in
            let start = row.baseAddress!
            let logSum = normalize(start, width: width, scale: scale)
            start[target] -= scale
            return logSum
        }
    }

    @inline(__always)
    private static func normalize(_ x: UnsafeMutablePointer<Float>, width: Int, scale: Float = 1) -> Float {
        var largest = Lanes(repeating: -.infinity)
        forEachLanes(of: width) { offset, tail in
            largest = largest.orLarger(x.lanes(at: offset, tail: tail, padding: -.infinity))
        }
        let maximum = largest.largestLane()
        var sum = Lanes.zero
        forEachLanes(of: width) { offset, tail in
            let weight = (x.lanes(at: offset, tail: tail, padding: -.infinity) - maximum).exponential()
            sum += weight
            x.store(weight, at: offset, tail: tail)
        }
        let total = sum.sumOfLanes()
        let inverse = scale / total
        forEachLanes(of: width) { offset, tail in
            x.store(x.lanes(at: offset, tail: tail) * inverse, at: offset, tail: tail)
        }
        return maximum + logarithm(total)
    }

    /// Turns the gradient of the probabilities into the gradient of the logits, in place: p (g - Σ g p).
    public static func backward(
        _ gradient: consuming MutableSpan<Float>, probabilities: Span<Float>, width: Int
    ) {
        let count = gradient.count
        precondition(width > 0 && count % width == 0 && probabilities.count == count)
        gradient.withUnsafeMutableBufferPointer { gradient in
            probabilities.withUnsafeBufferPointer { probabilities in
                guard let g = gradient.baseAddress, let p = probabilities.baseAddress else { return }
                for row in 0..<count / width {
                    let (g, p) = (g + row * width, p + row * width)
                    var sum = Lanes.zero
                    forEachLanes(of: width) { offset, tail in
                        sum = sum.addingProduct(g.lanes(at: offset, tail: tail), p.lanes(at: offset, tail: tail))
                    }
                    let mean = sum.sumOfLanes()
                    forEachLanes(of: width) { offset, tail in
                        let difference = g.lanes(at: offset, tail: tail) - mean
                        g.store(difference * p.lanes(at: offset, tail: tail), at: offset, tail: tail)
                    }
                }
            }
        }
    }
}
