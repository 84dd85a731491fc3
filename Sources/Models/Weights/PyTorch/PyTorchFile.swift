import Storage
import SystemPackage

/// A `pytorch_model.bin` of plain tensors, open for reading: the file that `torch.save` makes of a `state_dict` since
/// PyTorch 1.6.
///
/// It is a zip archive of uncompressed entries: a pickle that describes the tensors, and a file of elements for each
/// storage. The pickle is not run; ``StateDictPickle`` reads the few operations that such a checkpoint needs.
/// Source: `torch/serialization.py`.
public struct PyTorchFile: TensorStore {
    public static let weightsName = "pytorch_model.bin"
    public static let indexName = "pytorch_model.bin.index.json"

    public let path: FilePath
    public let tensors: [String: StoredTensor]

    public init(_ path: FilePath) throws {
        try self.init(RandomAccessFile(path))
    }

    /// - Throws: ``ModelError`` where the bytes are not such a checkpoint.
    public init(_ bytes: any RandomAccessBytes) throws {
        path = bytes.path
        let archive = try ZipArchive(bytes)
        func refused(_ detail: String) -> ModelError { ModelError(.unreadableCheckpoint(detail), bytes.path) }

        let pickles = archive.entries.keys.filter { $0.hasSuffix("/data.pkl") }
        guard pickles.count == 1, let pickle = pickles.first, let range = archive.entries[pickle] else {
            throw refused("the archive has \(pickles.count) files data.pkl, expected is one")
        }
        let folder = pickle.dropLast("data.pkl".count)
        if let order = archive.entries[folder + "byteorder"],
            try bytes.read(at: order.lowerBound, count: Int(min(order.upperBound - order.lowerBound, 16)))
                != Array("little".utf8)
        {
            throw refused("its byte order is not little-endian")
        }
        guard range.upperBound - range.lowerBound <= StateDictPickle.sizeLimit else {
            throw refused("data.pkl has \(range.upperBound - range.lowerBound) bytes")
        }
        var machine = StateDictPickle(
            try bytes.read(at: range.lowerBound, count: Int(range.upperBound - range.lowerBound)), path: bytes.path,
            start: range.lowerBound)
        var tensors: [String: StoredTensor] = [:]
        for (name, tensor) in try machine.tensors() {
            // Integer buffers are passed over.
            guard let type = tensor.storage.elementType else { continue }
            let entry = "\(folder)data/\(tensor.storage.key)"
            guard let storage = archive.entries[entry] else {
                throw refused("tensor \(name) lies in \(entry), which the archive lacks")
            }
            tensors[name] = try StoredTensor(tensor, of: type, in: storage, of: bytes, named: name)
        }
        self.tensors = tensors
    }
}

extension StoredTensor {
    /// A tensor of a pickle, its shape and strides checked against the bytes of its storage.
    fileprivate init(
        _ tensor: PickledTensor, of type: ElementType, in storage: Range<UInt64>, of bytes: any RandomAccessBytes,
        named name: String
    ) throws(ModelError) {
        let size = UInt64(type.byteCount)
        guard let count = tensor.contiguousCount else {
            throw ModelError(
                .unreadableCheckpoint("tensor \(name) of shape \(tensor.shape) has strides \(tensor.strides)"),
                bytes.path)
        }
        // Elements of the storage, by its bytes: the pickle's number of them is not needed.
        let capacity = (storage.upperBound - storage.lowerBound) / size
        guard let offset = UInt64(exactly: tensor.offset), offset <= capacity, UInt64(count) <= capacity - offset else {
            throw ModelError(
                .unreadableCheckpoint(
                    "tensor \(name) of shape \(tensor.shape) begins at element \(tensor.offset) of a storage of \(capacity)"
                ), bytes.path, byte: storage.lowerBound)
        }
        let start = storage.lowerBound + offset * size
        self.init(elementType: type, shape: tensor.shape, range: start..<start + UInt64(count) * size, bytes: bytes)
    }
}

extension PickledTensor {
    /// Elements, where they follow each other row by row; `nil` where they do not, or their number overflows.
    fileprivate var contiguousCount: Int? {
        guard shape.count == strides.count, shape.allSatisfy({ $0 >= 0 }) else { return nil }
        if shape.contains(0) { return 0 }
        var expected = 1
        for (side, stride) in zip(shape, strides).reversed() {
            if side != 1, stride != expected { return nil }
            let (product, overflow) = expected.multipliedReportingOverflow(by: side)
            if overflow { return nil }
            expected = product
        }
        return expected
    }
}
