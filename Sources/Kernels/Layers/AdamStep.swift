/// The arithmetic of one Adam update with decoupled weight decay:
///
/// m = β₁ m + (1 - β₁) g, v = β₂ v + (1 - β₂) g², x = shrinkage · x - stepSize · m / (√v · c + ε)
public struct AdamStep: Sendable {
    let gradientScale: Float
    let firstDecay: Float
    let secondDecay: Float
    let stepSize: Float
    let inverseRootCorrection: Float
    let epsilon: Float
    let shrinkage: Float

    public init(
        gradientScale: Float, firstDecay: Float, secondDecay: Float, stepSize: Float, inverseRootCorrection: Float,
        epsilon: Float, shrinkage: Float
    ) {
        self.gradientScale = gradientScale
        self.firstDecay = firstDecay
        self.secondDecay = secondDecay
        self.stepSize = stepSize
        self.inverseRootCorrection = inverseRootCorrection
        self.epsilon = epsilon
        self.shrinkage = shrinkage
    }

    public func apply(
        to parameters: consuming MutableSpan<Float>, gradient: Span<Float>, firstMoment: consuming MutableSpan<Float>,
        secondMoment: consuming MutableSpan<Float>
    ) {
        let count = parameters.count
        precondition(gradient.count == count && firstMoment.count == count && secondMoment.count == count)
        parameters.withUnsafeMutableBufferPointer { x in
            gradient.withUnsafeBufferPointer { g in
                firstMoment.withUnsafeMutableBufferPointer { m in
                    secondMoment.withUnsafeMutableBufferPointer { v in
                        guard let x = x.baseAddress, let g = g.baseAddress, let m = m.baseAddress,
                            let v = v.baseAddress
                        else { return }
                        forEachLanes(of: count) { offset, tail in
                            let gradient = g.lanes(at: offset, tail: tail) * gradientScale
                            let first = m.lanes(at: offset, tail: tail) * firstDecay + gradient * (1 - firstDecay)
                            let second =
                                v.lanes(at: offset, tail: tail) * secondDecay + gradient * gradient * (1 - secondDecay)
                            let direction = first / (second.squareRoot() * inverseRootCorrection + epsilon)
                            m.store(first, at: offset, tail: tail)
                            v.store(second, at: offset, tail: tail)
                            x.store(
                                x.lanes(at: offset, tail: tail) * shrinkage - direction * stepSize, at: offset,
                                tail: tail)
                        }
                    }
                }
            }
        }
    }
}
