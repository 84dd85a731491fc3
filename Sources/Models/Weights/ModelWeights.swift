import JSON
import Storage
import SystemPackage

/// The weights of a Hugging Face folder, in one file or in several: safetensors, or PyTorch's own format.
public struct ModelWeights: TensorStore {
    /// The file, or the index of several.
    public let path: FilePath
    public let tensors: [String: StoredTensor]
    /// The files that hold tensors, in the order of their names.
    public let files: [FilePath]

    /// Opens the weights that `from_pretrained` would take: safetensors before PyTorch's, one file before several.
    ///
    /// - Throws: ``ModelError`` where there are none, or one is malformed.
    public init(folder: FilePath) throws {
        let choices: [(name: String, open: (FilePath) throws -> ModelWeights)] = [
            (SafetensorsFile.weightsName, { try ModelWeights(file: $0) { try SafetensorsFile($0) } }),
            (SafetensorsFile.indexName, { try ModelWeights(index: $0) { try SafetensorsFile($0) } }),
            (PyTorchFile.weightsName, { try ModelWeights(file: $0) { try PyTorchFile($0) } }),
            (PyTorchFile.indexName, { try ModelWeights(index: $0) { try PyTorchFile($0) } }),
        ]
        for choice in choices where Folder(folder).contains(choice.name) {
            self = try choice.open(folder.appending(choice.name))
            return
        }
        // A folder that is not there is another error.
        _ = try Folder(folder).names()
        throw ModelError(.missingFile(oneOf: choices.map(\.name)), folder)
    }

    private init(file path: FilePath, open: (FilePath) throws -> some TensorStore) throws {
        self.path = path
        tensors = try open(path).tensors
        files = [path]
    }

    private init(index path: FilePath, open: (FilePath) throws -> some TensorStore) throws {
        self.path = path
        let map = try WeightMap(RandomAccessFile(path))
        let folder = path.removingLastComponent()
        var tensors: [String: StoredTensor] = [:]
        var files: [FilePath] = []
        for (file, names) in map.files.sorted(by: { $0.key < $1.key }) {
            guard Folder(folder).contains(file) else { throw ModelError(.missingFile(oneOf: [file]), folder) }
            let store = try open(folder.appending(file))
            files.append(store.path)
            for name in names {
                // A name that the file lacks may be an integer buffer: a tensor that is wanted and absent is found out later.
                tensors[name] = store.tensors[name]
            }
        }
        self.tensors = tensors
        self.files = files
    }
}

extension ModelWeights {
    /// Whether a weight that may be tied to another is there with values of its own. transformers then keeps them apart,
    /// whatever `tie_word_embeddings` says.
    package func holdsTwo(_ first: String, _ second: String) throws -> Bool {
        guard let first = tensor(for: first)?.tensor, let second = tensor(for: second)?.tensor else { return false }
        return try !first.isCopy(of: second)
    }
}

/// `*.index.json`: which file of a sharded checkpoint holds which tensor.
struct WeightMap {
    /// Names of tensors by the file that holds them.
    let files: [String: [String]]

    /// More bytes, or more files, than any model has.
    private static let limits = (bytes: UInt64(64 << 20), files: 1024)

    init(_ bytes: any RandomAccessBytes) throws {
        guard bytes.count <= Self.limits.bytes else {
            throw ModelError(.malformedIndex("it has \(bytes.count) bytes"), bytes.path)
        }
        let content = try bytes.read(at: 0, count: Int(bytes.count))
        var locations: [(tensor: String, file: String)] = []
        do throws(JSONMismatch) {
            for (tensor, file) in try JSONCursor(reading: content)["weight_map"].members() {
                locations.append((tensor, try file.text()))
            }
        } catch {
            throw ModelError(.malformedIndex(error.description), bytes.path)
        }
        var files: [String: [String]] = [:]
        for (tensor, file) in locations.sorted(by: { $0.tensor < $1.tensor }) {
            // A model's files lie beside its index; a path would lead anywhere.
            guard !file.isEmpty, file != ".", file != "..", !file.utf8.contains(where: { $0 == 0x2F || $0 == 0 })
            else {
                throw ModelError(
                    .malformedIndex(
                        "tensor \(tensor) is said to lie in \(String(reflecting: file)), no file beside it"),
                    bytes.path)
            }
            files[file, default: []].append(tensor)
        }
        guard files.count <= Self.limits.files else {
            throw ModelError(.malformedIndex("it names \(files.count) files"), bytes.path)
        }
        self.files = files
    }
}
