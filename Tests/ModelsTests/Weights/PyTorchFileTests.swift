import Fixtures
import Models
import Storage
import SystemPackage
import Testing

@Suite struct PyTorchFileTests {
    /// The floats 0, 1, 2, ...
    private static func floats(_ count: Int) -> [UInt8] {
        (0..<count).flatMap { PyTorchForge.field(Int(Float($0).bitPattern), 4) }
    }

    private func open(_ archive: [UInt8]) throws -> PyTorchFile { try PyTorchFile(BytesInMemory(archive)) }

    private func archive(_ items: [UInt8], storages: [String: [UInt8]] = ["0": floats(6)]) -> [UInt8] {
        PyTorchForge(pickle: Pickle.dictionary(items), storages: storages).bytes
    }

    private func expectRefusal(_ archive: [UInt8], _ words: String, _ place: SourceLocation = #_sourceLocation) {
        let error = #expect(throws: ModelError.self, sourceLocation: place) { try open(archive) }
        guard case .unreadableCheckpoint(let detail)? = error?.kind, detail.contains(words) else {
            Issue.record("\(String(describing: error))", sourceLocation: place)
            return
        }
        #expect(error?.blame == .data && error?.remedy.contains("torch.load") == true, sourceLocation: place)
    }

    @Test func tensorsShareAStorage() throws {
        let file = try open(
            archive(
                Pickle.tensor("a", shape: [2, 2], strides: [2, 1])
                    + Pickle.tensor("b", offset: 4, shape: [2], strides: [1])
                    + Pickle.tensor("one row", offset: 1, shape: [1, 3], strides: [99, 1])
                    + Pickle.tensor("none", shape: [0, 3], strides: [3, 1])
                    + Pickle.tensor("scalar", offset: 5, shape: [], strides: [])))
        #expect(try file.floats(named: "a") == [0, 1, 2, 3])
        #expect(try file.floats(named: "b") == [4, 5])
        #expect(try file.floats(named: "one row") == [1, 2, 3])
        #expect(try file.floats(named: "none") == [])
        #expect(try file.floats(named: "scalar") == [5])
    }

    /// The product of the sides overflows before the zero is reached.
    @Test func emptyTensorsOfAnySides() throws {
        let shape = [1 << 40, 1 << 40, 0]
        let file = try open(archive(Pickle.tensor("empty", shape: shape, strides: [1, 1, 1])))
        #expect(file.tensors["empty"]?.shape == shape)
        #expect(try file.floats(named: "empty") == [])
    }

    @Test func everyType() throws {
        let doubles = [1.5, -2.25].flatMap { PyTorchForge.field(Int(truncatingIfNeeded: $0.bitPattern), 8) }
        let file = try open(
            archive(
                Pickle.tensor("h", Pickle.storage("HalfStorage", key: "h"), shape: [1], strides: [1])
                    + Pickle.tensor("b", Pickle.storage("BFloat16Storage", key: "b"), shape: [1], strides: [1])
                    + Pickle.tensor("d", Pickle.storage("DoubleStorage", key: "d"), shape: [2], strides: [1])
                    + Pickle.tensor("ids", Pickle.storage("LongStorage", key: "gone"), shape: [9], strides: [1]),
                storages: ["h": [0x00, 0xC0], "b": [0x49, 0xC0], "d": doubles]))
        #expect(try file.floats(named: "h") == [-2])
        #expect(try file.floats(named: "b") == [-3.140625])
        #expect(try file.floats(named: "d") == [1.5, -2.25])
        #expect(file.tensors["ids"] == nil, "integer buffers are passed over")
    }

    /// The other contents of a state_dict: metadata as the dictionary's state, plain values, memory, parameters.
    @Test func whatComesAlong() throws {
        let parameter =
            Pickle.string("p") + Pickle.global("torch._utils", "_rebuild_parameter")
            + Pickle.tuple(
                Array(Pickle.tensor("x", shape: [2], strides: [1]).dropFirst(6)), [0x88],
                Pickle.global("collections", "OrderedDict") + [0x29, 0x52]) + [0x52]
        let plain =
            Pickle.string("numbers") + [0x5D, 0x28, 0x4B, 1, 0x4D, 1, 0, 0x4A, 1, 0, 0, 0, 0x47]
            + PyTorchForge.field(0, 8)
            + [0x65, 0x4B, 3, 0x61]
        let memory =
            Pickle.string("m") + [0x71, 1, 0x72, 0, 1, 0, 0, 0x4E] + [0x68, 1, 0x85, 0x6A, 0, 1, 0, 0, 0x4E, 0x86]
        let state = [0x7D] + Pickle.string("_metadata") + [0x7D, 0x73, 0x62] as [UInt8]
        var pickle = Pickle.dictionary(parameter + plain + memory)
        pickle.insert(contentsOf: state, at: pickle.count - 1)
        let file = try open(PyTorchForge(pickle: pickle, storages: ["0": Self.floats(6)]).bytes)
        #expect(try file.floats(named: "p") == [0, 1] && file.tensors.count == 1)
    }

    @Test func whatPythonWrote() throws {
        let folder = try GoldenModel("bert-old").folder
        let file = try PyTorchFile(folder.appending("pytorch_model.bin"))
        #expect(file.tensors["bert.embeddings.LayerNorm.gamma"]?.shape == [24])
        #expect(file.tensors["bert.embeddings.position_ids"] == nil)
        let copy = try #require(file.tensors["cls.predictions.decoder.weight"])
        #expect(copy.range == file.tensors["bert.embeddings.word_embeddings.weight"]?.range, "tied: one storage")
    }

    // MARK: Refusals of the archive

    @Test func archivesThatAreNone() {
        let whole = archive(Pickle.tensor("a", shape: [6], strides: [1]))
        expectRefusal([], "not a zip archive")
        expectRefusal([0x80, 2, 0x8A, 10], "since 1.6")
        expectRefusal(Array("PK".utf8) + [3, 4], "cut off")
        expectRefusal(Array(whole.dropLast(22)), "cut off")
    }

    @Test func truncatedAtEveryByte() throws {
        let whole = archive(Pickle.tensor("a", shape: [6], strides: [1]))
        #expect(try open(whole).floats(named: "a").count == 6)
        for count in whole.indices {
            let error = #expect(throws: ModelError.self) { try open(Array(whole.prefix(count))) }
            guard case .unreadableCheckpoint = error?.kind else {
                Issue.record("\(count) bytes: \(String(describing: error))")
                return
            }
        }
    }

    /// Every byte changed to values that mean something: an error or tensors, never a trap.
    @Test func everyByteChanged() {
        let whole = archive(Pickle.tensor("a", shape: [2, 3], strides: [3, 1]))
        var refusals = 0
        for index in whole.indices {
            for value: UInt8 in [0, 1, 0x28, 0x2E, 0x52, 0x7F, 0x80, 0xFF] {
                var changed = whole
                changed[index] = value
                do {
                    let file = try open(changed)
                    for name in file.tensors.keys { _ = try file.floats(named: name) }
                } catch is ModelError {
                    refusals += 1
                } catch {
                    Issue.record("\(error)")
                }
            }
        }
        #expect(refusals > whole.count)
    }

    @Test func entriesThatCannotBeRead() {
        let items = Pickle.tensor("a", shape: [6], strides: [1])
        var forge = PyTorchForge(pickle: Pickle.dictionary(items), storages: ["0": Self.floats(6)])
        forge.method = 8
        expectRefusal(forge.bytes, "compressed or encrypted")
        (forge.method, forge.flags) = (0, 1)
        expectRefusal(forge.bytes, "compressed or encrypted")
        forge.flags = 0
        var twice = forge
        twice.entries.append(twice.entries[1])
        expectRefusal(twice.bytes, "twice")
        var pickles = forge
        pickles.entries.append(("other/data.pkl", []))
        expectRefusal(pickles.bytes, "2 files data.pkl")
        var big = forge
        big.entries[2].content = Array("big".utf8)
        expectRefusal(big.bytes, "byte order")
        expectRefusal(archive(items, storages: [:]), "archive/data/0, which the archive lacks")
    }

    /// Sizes and places of 64 bits, as archives beyond 4 GiB have them, hostile ones.
    @Test(arguments: [UInt32(0xFFFF_FFFF), 0xFFFF_FFFE]) func directoryBeyondTheFile(size: UInt32) {
        var whole = archive(Pickle.tensor("a", shape: [6], strides: [1]))
        whole.replaceSubrange(whole.count - 10..<whole.count - 6, with: PyTorchForge.field(Int(size), 4))
        expectRefusal(whole, size == .max ? "its end is damaged" : "directory is said to have")
    }

    // MARK: Refusals of the pickle

    @Test(arguments: [
        ("posix", "system"), ("builtins", "eval"), ("torch._utils", "_rebuild_sparse_tensor"), ("os", "system"),
        ("torch.storage", "_load_from_bytes"), ("numpy.core.multiarray", "_reconstruct"),
    ])
    func otherGlobals(module: String, name: String) {
        let call = Pickle.string("x") + Pickle.global(module, name) + Pickle.tuple(Pickle.string("true")) + [0x52]
        expectRefusal(archive(call), "asks for \"\(module).\(name)\"")
    }

    /// Operations that could build things that plain tensors do not need: instances, extensions, strings of Python 2,
    /// protocol 4.
    @Test(
        arguments: [0x81, 0x82, 0x83, 0x84, 0x69, 0x6F, 0x50, 0x92, 0x93, 0x94, 0x95, 0x55, 0x8B, 0x32, 0x30] as [UInt8]
    )
    func otherOperations(code: UInt8) {
        expectRefusal(archive([code]), "operation 0x\(String(code, radix: 16))")
    }

    @Test func damagedPickles() {
        func expectRefusal(of pickle: [UInt8], _ words: String, _ place: SourceLocation = #_sourceLocation) {
            self.expectRefusal(PyTorchForge(pickle: pickle, storages: ["0": Self.floats(6)]).bytes, words, place)
        }
        let ordered = Pickle.global("collections", "OrderedDict")
        expectRefusal(of: [], "cut off")
        expectRefusal(of: [0x80, 2], "cut off")
        expectRefusal(of: [0x80, 4], "protocol 4")
        expectRefusal(of: [0x2E], "not a dictionary")
        expectRefusal(of: [0x4E, 0x2E], "not a dictionary")
        expectRefusal(of: [0x7D, 0x7D, 0x2E], "not a dictionary")
        expectRefusal(of: [0x74], "no mark")
        expectRefusal(of: [0x4E, 0x28, 0x85], "what is not there")
        expectRefusal(of: [0x71, 0], "what is not there")
        expectRefusal(of: [0x68, 7], "remembers nothing as 7")
        expectRefusal(of: [0x58, 0xFF, 0xFF, 0xFF, 0xFF, 0x61], "cut off")
        expectRefusal(of: [0x58, 1, 0, 0, 0, 0xFF], "not UTF-8")
        expectRefusal(of: [0x8A, 9] + [UInt8](repeating: 1, count: 9), "number of 9 bytes")
        expectRefusal(of: [0x4E, 0x4E, 0x61], "not a list")
        expectRefusal(of: [0x4E, 0x4E, 0x4E, 0x73], "not a dictionary")
        expectRefusal(of: [0x7D, 0x28, 0x4E, 0x75], "not a dictionary")
        expectRefusal(of: [0x4E, 0x7D, 0x62], "not a dictionary")
        expectRefusal(of: [0x4E, 0x29, 0x52], "not a function")
        expectRefusal(of: ordered + [0x4E, 0x85, 0x52], "dictionary of 1 arguments")
        expectRefusal(of: Pickle.global("torch", "FloatStorage") + [0x29, 0x52], "storage of its own")
        expectRefusal(of: Pickle.global("torch._utils", "_rebuild_tensor_v2") + [0x29, 0x52], "damaged tensor")
        expectRefusal(of: Pickle.global("torch._utils", "_rebuild_parameter") + [0x29, 0x52], "damaged parameter")
        expectRefusal(of: [0x4E, 0x51], "damaged storage")
        expectRefusal(of: Pickle.tuple(Pickle.string("module")) + [0x51], "damaged storage")
        let many = [Int](repeating: 1, count: 17)
        expectRefusal(of: Pickle.dictionary(Pickle.tensor("a", shape: many, strides: many)), "17 dimensions")
    }

    @Test(
        arguments: [
            ([2, 3], [1, 2], 0, "strides"), ([6], [2], 0, "strides"), ([6], [0], 0, "strides"), ([6], [], 0, "strides"),
            ([-1], [1], 0, "strides"), ([1 << 62, 4], [4, 1], 0, "strides"), ([7], [1], 0, "storage of 6"),
            ([2], [1], 5, "storage of 6"), ([2], [1], -1, "storage of 6"), ([1], [1], .max, "storage of 6"),
            ([1 << 62], [1], 0, "storage of 6"),
        ] as [([Int], [Int], Int, String)])
    func tensorsBeyondTheirStorage(shape: [Int], strides: [Int], offset: Int, words: String) {
        expectRefusal(archive(Pickle.tensor("a", offset: offset, shape: shape, strides: strides)), words)
    }

    /// Tuples in tuples in tuples: values do not nest, so neither does their end.
    @Test func deepPickles() {
        let deep = [0x29] + [UInt8](repeating: 0x85, count: 1_000_000)
        expectRefusal(PyTorchForge(pickle: [0x80, 2] + deep + [0x2E]).bytes, "not a dictionary")
    }

    @Test func notFinite() throws {
        let file = try open(
            archive(
                Pickle.tensor("a", shape: [2, 1], strides: [1, 1]),
                storages: ["0": Self.floats(1) + [0, 0, 0xC0, 0x7F]]))
        let error = #expect(throws: ModelError.self) { try file.floats(named: "a") }
        #expect(error?.kind == .notFinite(tensor: "a", element: [1, 0]))
    }
}
