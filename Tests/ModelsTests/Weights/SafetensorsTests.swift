import Fixtures
import Kernels
import Models
import Storage
import SystemPackage
import Testing

@Suite struct SafetensorsTests {
    let path: FilePath

    init() throws {
        path = try temporaryFolder().appending("model.safetensors")
    }

    private func bytes(_ header: String, data: [UInt8] = []) -> [UInt8] {
        let length = UInt64(header.utf8.count)
        return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + Array(header.utf8) + data
    }

    private func error(of contents: [UInt8], reading layout: ParameterLayout? = nil) throws -> ModelError? {
        try DurableFile.write(contents, to: path)
        return #expect(throws: ModelError.self) {
            let file = try SafetensorsFile(path)
            if let layout { try ParameterArena(layout).readAll(from: file) }
        }
    }

    private func isMalformed(_ error: ModelError?, _ words: String) -> Bool {
        if case .malformedWeights(let detail) = error?.kind { detail.contains(words) } else { false }
    }

    private var layout: ParameterLayout {
        var layout = ParameterLayout()
        _ = layout.declareWeight(["a", "b"], output: 2, input: 3)
        _ = layout.declareBias(["c"], width: 5)
        return layout
    }

    @Test func roundTripOfEveryBit() throws {
        let arena = ParameterArena(layout)
        arena.fillWithNoise(deviation: 1, seed: 1)
        var first = arena.mutableSpan(of: layout.tensors[0])
        (first[0], first[1], first[2]) = (-0.0, .leastNonzeroMagnitude, -.greatestFiniteMagnitude)
        try arena.write(to: path)
        let again = ParameterArena(layout)
        let file = try SafetensorsFile(path)
        try file.check(layout)
        try again.readAll(from: file)
        for index in 0..<layout.count {
            #expect(again.values.span[index].bitPattern == arena.values.span[index].bitPattern)
        }
        #expect(file.header.metadata == ["format": "pt"], "transformers asks for it")
        let contents = try RandomAccessFile.contents(of: path)
        let length = contents[0..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
        #expect(length % 8 == 0, "data is aligned")
        try again.write(to: path)
        #expect(try RandomAccessFile.contents(of: path) == contents, "the same parameters are the same bytes")
    }

    @Test func severalArenasInOneFile() throws {
        let (first, second) = (ParameterArena(layout), ParameterArena(layout))
        first.fillWithNoise(deviation: 1, seed: 1)
        second.fillWithNoise(deviation: 1, seed: 2)
        try ParameterArena.write(
            [(first, first.layout.tensors[...], "first."), (second, second.layout.tensors[...], "second.")], to: path)
        let again = ParameterArena(layout)
        try again.readAll(from: SafetensorsFile(path), prefix: "second.")
        #expect((0..<layout.count).allSatisfy { again.values.span[$0] == second.values.span[$0] })
    }

    /// A file of PyTorch comes back out, value by value, and is the same file to a reader.
    @Test(arguments: ["electra-discriminator", "electra-generator", "bert"])
    func readsAndRewritesWhatPythonWrote(name: String) throws {
        let file = try SafetensorsFile(GoldenModel(name).folder.appending("model.safetensors"))
        var layout = ParameterLayout()
        for (name, entry) in file.header.entries.sorted(by: { $0.key < $1.key }) {
            _ = layout.declare([name], shape: entry.shape, decays: false, initialization: .zeros)
        }
        #expect(layout.tensors.count > 40)
        let arena = ParameterArena(layout)
        try arena.readAll(from: file)
        try arena.write(to: path)
        let again = try SafetensorsFile(path)
        #expect(Set(again.header.entries.keys) == Set(file.header.entries.keys))
        for (name, entry) in file.header.entries {
            #expect(again.header.entries[name]?.shape == entry.shape)
            #expect(try again.floats(named: name) == file.floats(named: name))
        }
    }

    @Test func halfPrecisionIsWidened() throws {
        let header = """
            {"h":{"dtype":"F16","shape":[5],"data_offsets":[0,10]},"b":{"dtype":"BF16","shape":[1,3],\
            "data_offsets":[10,16]},"ids":{"dtype":"I64","shape":[1],"data_offsets":[16,24]}}
            """
        let data: [UInt8] =
            [0x00, 0x3C, 0x00, 0xC0, 0x01, 0x00, 0xFF, 0x7B, 0x00, 0x80] + [0x80, 0x3F, 0x49, 0xC0, 0x7F, 0x7F]
            + [UInt8](repeating: 0xFF, count: 8)
        try DurableFile.write(bytes(header, data: data), to: path)
        let file = try SafetensorsFile(path)
        #expect(try file.floats(named: "h") == [1, -2, 0x1p-24, 65504, -0.0])
        #expect(try file.floats(named: "b") == [1, -3.140625, 0x1.fep127])
        #expect(file.header.entries["ids"] == nil, "integer buffers are passed over")
    }

    @Test func oldNamesOfLayerNorms() throws {
        var layout = ParameterLayout()
        _ = layout.declareLayerNorm("x.LayerNorm", width: 1)
        let header = """
            {"x.LayerNorm.gamma":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},\
            "x.LayerNorm.beta":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}
            """
        try DurableFile.write(bytes(header, data: [0, 0, 0x80, 0x3F, 0, 0, 0, 0x40]), to: path)
        let arena = ParameterArena(layout)
        try arena.readAll(from: SafetensorsFile(path))
        #expect(arena[layout.tensors[0]][0] == 1 && arena[layout.tensors[1]][0] == 2)
    }

    // MARK: Refusals

    @Test func truncatedAtEveryByte() throws {
        let arena = ParameterArena(layout)
        try arena.write(to: path)
        let contents = try RandomAccessFile.contents(of: path)
        for count in stride(from: 0, to: contents.count, by: 1) {
            let error = try error(of: Array(contents.prefix(count)))
            guard case .malformedWeights = error?.kind else {
                Issue.record("\(count) bytes: \(String(describing: error))")
                return
            }
        }
    }

    @Test(arguments: [UInt64(3), 4, 100_000_001, 1 << 32, 1 << 63, .max])
    func headerLengthBeyondTheFile(length: UInt64) throws {
        let contents = (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + Array("{}".utf8)
        #expect(isMalformed(try error(of: contents), "header is said to have \(length) bytes"))
    }

    @Test(arguments: [
        "", "{", "[]", "null", "{}}", "\u{0}", #"{"a":1}"#, #"{"a":{"shape":[1],"data_offsets":[0,4]}}"#,
        #"{"a":{"dtype":"F32","data_offsets":[0,4]}}"#, #"{"a":{"dtype":"F32","shape":[1]}}"#,
        #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}"#,
        #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}"#,
        #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}"#,
        #"{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}"#,
        #"{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,4]}}"#,
        #"{"__metadata__":{"format":1},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
        String(repeating: "[", count: 100_000), #"{"a":"# + String(repeating: #"{"a":"#, count: 100_000),
    ])
    func notTheJSONExpected(header: String) throws {
        #expect(isMalformed(try error(of: bytes(header, data: [0, 0, 0, 0])), "not the JSON expected"))
    }

    @Test func headerThatIsNotText() throws {
        let contents: [UInt8] = [4, 0, 0, 0, 0, 0, 0, 0, 0x22, 0xFF, 0xFE, 0x22]
        #expect(isMalformed(try error(of: contents), "not the JSON expected"))
    }

    /// Offsets of two tensors of one float each, in a file of `count` bytes of data.
    @Test(arguments: [
        ([0, 4], [2, 6], 8), ([0, 4], [0, 4], 8), ([0, 4], [8, 12], 12), ([4, 8], [8, 12], 12), ([0, 4], [4, 8], 7),
        ([0, 4], [4, 0], 8), ([0, 4], [4, 9_000_000_000_000_000_000], 8),
    ])
    func tensorsThatDoNotCoverTheFile(first: [Int], second: [Int], count: Int) throws {
        let header = """
            {"a":{"dtype":"F32","shape":[1],"data_offsets":\(first)},\
            "b":{"dtype":"F32","shape":[1],"data_offsets":\(second)}}
            """
        let error = try error(of: bytes(header, data: [UInt8](repeating: 0, count: count)))
        #expect(isMalformed(error, "is said to lie at"))
    }

    @Test func bytesAfterTheLastTensor() throws {
        let header = #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#
        #expect(isMalformed(try error(of: bytes(header, data: [0, 0, 0, 0, 1])), "1 bytes at the end"))
        #expect(isMalformed(try error(of: bytes("{}", data: [7])), "1 bytes at the end"))
    }

    @Test(arguments: [
        "[2]", "[]", "[0]", "[-1]", "[-1,-1]", "[4611686018427387904]", "[4611686018427387905]",
        "[4294967296,4294967296]", "[9223372036854775807,2]",
    ])
    func shapesThatDoNotMatchTheirBytes(shape: String) throws {
        // [] is a scalar of four bytes: here there are eight.
        let count = shape == "[2]" ? 4 : 8
        let header = #"{"a":{"dtype":"F32","shape":\#(shape),"data_offsets":[0,\#(count)]}}"#
        #expect(isMalformed(try error(of: bytes(header, data: [UInt8](repeating: 0, count: count))), "of shape"))
    }

    @Test func wrongShape() throws {
        var other = ParameterLayout()
        _ = other.declareWeight(["a", "b"], output: 3, input: 2)
        try ParameterArena(layout).write(to: path)
        let file = try SafetensorsFile(path)
        for read in [{ try file.check(other) }, { try ParameterArena(other).readAll(from: file) }] {
            let error = #expect(throws: ModelError.self, performing: read)
            #expect(error?.kind == .wrongShape(tensor: "a", found: [2, 3], expected: [3, 2]))
        }
    }

    @Test func missingTensor() throws {
        var other = layout
        _ = other.declareBias(["d"], width: 1)
        try ParameterArena(layout).write(to: path)
        let file = try SafetensorsFile(path)
        for read in [{ try file.check(other) }, { try ParameterArena(other).readAll(from: file) }] {
            let error = #expect(throws: ModelError.self, performing: read)
            #expect(error?.kind == .missingTensor("d"))
        }
        #expect(try ParameterArena(other).read(from: file) == ["d"])
    }

    @Test(
        arguments: [
            ("F32", [0, 0, 0xC0, 0x7F]), ("F32", [0, 0, 0x80, 0xFF]), ("F16", [0x00, 0x7C]), ("BF16", [0xC0, 0x7F]),
        ] as [(String, [UInt8])])
    func notFinite(type: String, data: [UInt8]) throws {
        var layout = ParameterLayout()
        _ = layout.declareBias(["a"], width: 1)
        let header = #"{"a":{"dtype":"\#(type)","shape":[1],"data_offsets":[0,\#(data.count)]}}"#
        let error = try error(of: bytes(header, data: data), reading: layout)
        #expect(error?.kind == .notFinite(tensor: "a", element: [0]))
        #expect(error?.byte == UInt64(8 + header.utf8.count), "the error says where")
    }
}
