import CKernels
import KernelChoice
import Kernels
import Random
import Testing

/// Every set of kernels that this machine can use computes the bits of the portable ones.
///
/// Counts lie around multiples of the sizes of a register, a tile and a block; the rows of a matrix lie apart by more than they
/// hold.
@Suite(.serialized) struct KernelSetTests {
    static let sets = KernelSet.available.filter { $0 != .portable && $0 != .openblas }
    private static let counts = [0, 1, 7, 15, 16, 17, 31, 33, 64, 127, 128, 129, 300, 1000, 4096, 4100]

    private let portable = fast_electra_kernels_portable().pointee

    private func noise(_ count: Int, seed: UInt64, scale: Float = 4) -> [Float] {
        var draws = RandomStream(seed: seed, purpose: .inspection).draws(pass: 0, sequence: 0, position: 0)
        return (0..<count).map { _ in (Float(unitInterval: UInt32(truncatingIfNeeded: draws.next())) - 0.5) * 2 * scale
        }
    }

    private func bits(_ values: [Float]) -> [UInt32] { values.map(\.bitPattern) }

    /// Calls `body` with each table, and compares the results to the bit.
    private func expectEqual(
        _ set: KernelSet, _ comment: Comment, _ body: (fast_electra_kernels) -> [Float],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let table = try #require(set.table).pointee
        #expect(bits(body(table)) == bits(body(portable)), comment, sourceLocation: sourceLocation)
    }

    @Test(arguments: sets) func products(set: KernelSet) throws {
        let shapes = [
            (1, 1, 1), (3, 5, 7), (17, 16, 33), (4, 3, 0), (13, 70, 257), (21, 131, 37), (530, 40, 20), (16, 160, 520),
            (6, 16, 8), (8, 32, 256), (400, 33, 300), (7, 64, 513),
        ]
        for (m, n, k) in shapes {
            for code in 0..<16 {
                let (leftIsTransposed, rightIsTransposed) = (code & 1 != 0, code & 2 != 0)
                let (keepsResult, addsBias) = (code & 4 != 0, code & 8 != 0)
                let leftStride = (leftIsTransposed ? m : k) + (code == 1 ? 1100 : 3)
                let rightStride = (rightIsTransposed ? k : n) + 1
                let left = noise((leftIsTransposed ? k : m) * leftStride + 1, seed: 1, scale: 1)
                let right = noise((rightIsTransposed ? n : k) * rightStride + 1, seed: 2, scale: 1)
                let bias = noise(n, seed: 3)
                try expectEqual(set, "\(m) x \(n) x \(k), \(code)") { kernels in
                    var result = noise(m * (n + 2), seed: 4)
                    var scratch = [Float](repeating: .nan, count: kernels.scratch_count)
                    result.withUnsafeMutableBufferPointer { result in
                        bias.withUnsafeBufferPointer { bias in
                            var product = fast_electra_product(
                                m: m, n: n, k: k,
                                left: factor(left, leftStride, leftIsTransposed),
                                right: factor(right, rightStride, rightIsTransposed), panels: nil,
                                laid_out_columns: 0, first_column: 0, scale: 0.75, keeping: keepsResult ? 1.25 : 0,
                                bias: addsBias ? bias.baseAddress : nil, result: result.baseAddress!,
                                result_stride: n + 2)
                            kernels.multiply(&product, &scratch)
                        }
                    }
                    return result
                }
            }
        }
    }

    /// The arrays outlive the call: they are the caller's constants.
    private func factor(_ values: [Float], _ stride: Int, _ isTransposed: Bool) -> fast_electra_factor {
        fast_electra_factor(
            start: values.withUnsafeBufferPointer { $0.baseAddress! }, stride: stride, is_transposed: isTransposed)
    }

    @Test(arguments: sets) func activations(set: KernelSet) throws {
        for count in Self.counts {
            let input = noise(count, seed: 1, scale: 30) + [.infinity, -.infinity, 0, -0.0, 1e-38, 88, -88]
            for f in [FAST_ELECTRA_GELU, FAST_ELECTRA_GELU_TANH, FAST_ELECTRA_RELU, FAST_ELECTRA_SILU] {
                try expectEqual(set, "\(f), \(count)") { kernels in
                    var output = [Float](repeating: 0, count: input.count)
                    var (activated, gradient) = (output, noise(input.count, seed: 2))
                    kernels.activate(f, input, &output, input.count)
                    kernels.differentiate_activation(f, input, &activated, &gradient, input.count)
                    return output + activated + gradient
                }
            }
        }
    }

    @Test(arguments: sets) func rows(set: KernelSet) throws {
        for width in Self.counts.dropFirst() where width <= 1000 {
            for count in [0, 1, 3] {
                try expectEqual(set, "\(count) rows of \(width)") { kernels in
                    var (x, p, output) = (
                        noise(count * width, seed: 1), noise(count * width, seed: 2), noise(count * width, seed: 3)
                    )
                    let (weight, bias) = (noise(width, seed: 4), noise(width, seed: 5))
                    var (deviation, sums) = ([Float](repeating: 0, count: count), noise(width, seed: 6))
                    var (weightGradient, biasGradient) = (noise(width, seed: 7), noise(width, seed: 8))
                    kernels.softmax(&p, count, width)
                    kernels.layer_norm(&x, weight, bias, 1e-12, &deviation, &output, count, width)
                    kernels.differentiate_layer_norm(
                        &output, x, deviation, weight, &weightGradient, &biasGradient, count, width)
                    kernels.add_column_sums(x, &sums, count, width)
                    var (scaled, differentiated) = (noise(width, seed: 9), output)
                    let logSum = kernels.softmax_scaled(&scaled, width, 0.125)
                    kernels.differentiate_softmax(&differentiated, p, count, width)
                    return x + p + output + deviation + weightGradient + biasGradient + sums + scaled + [logSum]
                        + differentiated
                }
            }
        }
    }

    @Test(arguments: sets) func elements(set: KernelSet) throws {
        for count in Self.counts {
            try expectEqual(set, "\(count)") { kernels in
                let stream = fast_electra_stream(key: (12, 34), y: 5, z: 6, w: 7)
                var dropout = fast_electra_dropout(stream: stream, threshold: 20_000, scale: 1.25)
                var step = fast_electra_adam(
                    gradient_scale: 0.5, first_decay: 0.9, second_decay: 0.999, step_size: 1e-3,
                    inverse_root_correction: 1.5, epsilon: 1e-6, shrinkage: 0.99)
                let (input, residual) = (noise(count, seed: 1), noise(count, seed: 2))
                var (dropped, added) = ([Float](repeating: 0, count: count), noise(count, seed: 3))
                var (x, m, v) = (noise(count, seed: 4), noise(count, seed: 5), noise(count, seed: 6).map { abs($0) })
                kernels.drop(&dropout, input, nil, &dropped, count)
                kernels.drop(&dropout, input, residual, &added, count)
                kernels.adam(&step, input, &x, &m, &v, count)
                kernels.add(input, &added, count)
                return dropped + added + x + m + v + [Float(kernels.sum_of_squares(input, count))]
            }
        }
    }

    @Test(arguments: sets) func distillation(set: KernelSet) throws {
        for count in Self.counts + [1024, 30_522] {
            for (strips, spoiled) in [(0, nil), (16, nil), (16, count / 2), (25, nil), (4, count - 1), (0, 3)] {
                var logits = noise(count, seed: UInt64(count), scale: 8)
                if let spoiled, spoiled >= 0, spoiled < count { logits[spoiled] = .nan }
                if count > 2 { logits[0] = -.infinity }
                try expectEqual(set, "\(count) logits, \(strips) strips") { kernels in
                    var maxima = [Float](repeating: 0, count: 16 * strips)
                    let isSound = kernels.find_maxima(logits, count, &maxima, strips)
                    if !isSound { return [0] }
                    var collected = [Int32](repeating: -1, count: count + 16)
                    let found = kernels.collect(logits, count, 6, &collected)
                    let reaching = kernels.count_reaching(maxima, maxima.count, 7)
                    var result = maxima + collected[..<found].map { Float($0) } + [Float(reaching)]
                    for strides in [[0, 1, 2, 8, 3], [0, 7], []] as [[Int32]] {
                        let steps = strides.isEmpty ? [0, 1, 4] : strides.indices.map { strides[...$0].reduce(0, +) }
                        let scales = steps.map { 0.72 + 0.036 * Float($0) }
                        var sums = [Double](repeating: 0, count: scales.count)
                        scales.withUnsafeBufferPointer { scales in
                            strides.withUnsafeBufferPointer { strides in
                                guard let first = scales.baseAddress else { return }
                                var tail = fast_electra_tail(
                                    scales: first, node_count: scales.count,
                                    strides: strides.isEmpty ? nil : strides.baseAddress, step: 0.036)
                                kernels.sum_tail(&tail, logits, count, 8, &sums)
                            }
                        }
                        result += sums.flatMap { halves($0) }
                    }
                    return result
                }
            }
        }
    }

    @Test(arguments: sets) func draws(set: KernelSet) throws {
        for draw in [UInt32(0), 16, 4_294_967_290] {
            for (rate, share) in [(1e-9, 1e-9), (0.01, 0.00995), (3, 0.95), (800, 1)] {
                try expectEqual(set, "\(draw), \(rate)") { kernels in
                    var stream = fast_electra_stream(key: (1, 2), y: 3, z: 4, w: draw)
                    var (gumbels, gaps) = ([Double](repeating: 0, count: 32), [Double](repeating: 0, count: 16))
                    kernels.draw_gumbels(&stream, draw, &gumbels)
                    let all = gumbels
                    kernels.draw_exceedances(&stream, draw, rate, share, &gaps, &gumbels)
                    return (all + gaps + gumbels).flatMap { halves($0) }
                }
            }
        }
    }

    /// A double's bits as two floats'.
    private func halves(_ value: Double) -> [Float] {
        let pattern = value.bitPattern
        return [Float(bitPattern: UInt32(truncatingIfNeeded: pattern)), Float(bitPattern: UInt32(pattern >> 32))]
    }

    /// The names of sets and the words that the environment accepts are the same.
    @Test func theSetInUseIsTheOneAskedFor() throws {
        if let requested = try KernelSet.requested() {
            #expect(KernelSet.inUse == requested)
        } else {
            #expect(KernelSet.available.contains(KernelSet.inUse))
        }
    }
}
