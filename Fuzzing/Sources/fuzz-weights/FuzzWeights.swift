import FuzzDriver
import Models
import Storage

/// Any bytes as a file of weights: read as safetensors and as a file of `torch.save`, tensors and all. A refusal must be an
/// error.
@main
enum FuzzWeights {
    static func main() {
        Fuzzer.run { data, count in
            let bytes = BytesInMemory([UInt8](UnsafeRawBufferPointer(start: data, count: count)))
            if let file = try? SafetensorsFile(bytes) { FuzzWeights.readAll(of: file) }
            if let file = try? PyTorchFile(bytes) { FuzzWeights.readAll(of: file) }
            return 0
        }
    }

    private static func readAll(of file: some TensorStore) {
        for name in file.tensors.keys { _ = try? file.floats(named: name) }
    }
}
