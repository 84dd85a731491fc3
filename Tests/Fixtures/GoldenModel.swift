internal import Kernels
package import Models
import Storage
package import SystemPackage

/// A tiny model with the results of PyTorch and transformers for it (`Golden/make_models.py`).
package struct GoldenModel: Sendable {
    package let name: String
    package let folder: FilePath
    /// Ragged sequences, as they are without padding.
    package let sequences: [[Int32]]
    /// A label a token, in the same form: 0 and 1, or the original where masked and -100 elsewhere.
    package let labels: [[Int32]]
    /// [sequences, longest, outputs], padding included.
    package let logits: [Float]
    /// Floats of one sequence's logits: longest · outputs.
    package let logitStride: Int
    package let loss: Float
    package let curve: (losses: [Float], norms: [Float])
    private let golden: SafetensorsFile

    package init(_ name: String) throws {
        self.name = name
        let folder = FilePath(#filePath).removingLastComponent().appending("Golden").appending(name)
        self.folder = folder
        golden = try SafetensorsFile(folder.appending("golden.safetensors"))
        let lengths = try golden.floats(named: "lengths").map { Int($0) }
        let ids = try golden.floats(named: "input_ids").map { Int32($0) }
        let labels = try golden.floats(named: "labels").map { Int32($0) }
        let longest = ids.count / lengths.count
        func ragged(_ values: [Int32]) -> [[Int32]] {
            lengths.enumerated().map { Array(values[$0 * longest..<$0 * longest + $1]) }
        }
        sequences = ragged(ids)
        self.labels = ragged(labels)
        logits = try golden.floats(named: "logits")
        logitStride = logits.count / lengths.count
        loss = try golden.floats(named: "loss")[0]
        let curve = try SafetensorsFile(folder.appending("curve.safetensors"))
        self.curve = (try curve.floats(named: "losses"), try curve.floats(named: "norms"))
    }

    package var configuration: EncoderConfiguration {
        get throws {
            var encoder = try ModelConfiguration(contentsOf: folder.appending("config.json")).encoder
            encoder.hiddenDropout = 0
            encoder.attentionDropout = 0
            return encoder
        }
    }

    /// Parameters of `layout` as the model has them.
    package func parameters(_ layout: ParameterLayout) throws -> ParameterArena {
        let arena = ParameterArena(layout)
        try arena.readAll(from: ModelWeights(folder: folder))
        return arena
    }

    /// The largest difference between `gradients` and the golden ones, tensor by tensor, each relative to the largest
    /// element of the golden tensor.
    ///
    /// Softmax does not see a bias of the keys: its gradient is zero but for rounding. Such a tensor's error is relative to a
    /// hundredth of the largest element of the whole gradient.
    package func gradientErrors(_ gradients: ParameterArena) throws -> [(tensor: String, error: Float)] {
        let parts = gradients.layout.tensors.flatMap(\.parts)
        let expected = try parts.map { try golden.floats(named: "gradient." + $0.name) }
        let sizes = expected.map { $0.reduce(0) { max($0, abs($1)) } }
        let floor = (sizes.max() ?? 0) / 100
        return zip(parts, zip(expected, sizes)).map { part, golden in
            let ours = gradients.values.span(part.range)
            var difference: Float = 0
            for index in golden.0.indices { difference = max(difference, abs(ours[index] - golden.0[index])) }
            return (part.name, difference / max(golden.1, floor))
        }
    }
}
