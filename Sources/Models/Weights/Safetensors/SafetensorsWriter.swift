import FoundationEssentials
import Kernels
import Storage
import SystemPackage

extension ParameterArena {
    /// Writes the model's tensors as a safetensors file of 32-bit floats, as `save_pretrained` does.
    public func write(to path: FilePath) throws {
        try Self.write([(arena: self, tensors: layout.modelTensors, prefix: "")], to: path)
    }

    /// Writes tensors of several arenas (an optimizer's moments) into one file, each tensor's name after its arena's prefix.
    public static func write(
        _ arenas: [(arena: ParameterArena, tensors: ArraySlice<Tensor>, prefix: String)], to path: FilePath
    ) throws {
        let parts = arenas.flatMap { arena, tensors, prefix in
            tensors.flatMap(\.parts).map { (name: prefix + $0.name, part: $0, arena: arena) }
        }
        var entries: [String: RawEntry] = [:]
        var offset = 0
        for part in parts {
            let end = offset + part.part.range.count * MemoryLayout<Float>.stride
            entries[part.name] = RawEntry(dtype: "F32", shape: part.part.shape, dataOffsets: [offset, end])
            offset = end
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        var header = Array(try encoder.encode(RawFile(entries: entries)))
        // Data starts on a multiple of 8, as the reference writer has it.
        while (header.count + 8) % 8 != 0 { header.append(UInt8(ascii: " ")) }

        var file = try DurableFile(replacing: path)
        try file.write([UInt64(header.count).littleEndian].span.bytes)
        try file.write(header.span.bytes)
        for part in parts {
            try file.write(part.arena.values.span(part.part.range).bytes)
        }
        try file.commit()
    }
}

private struct RawEntry: Encodable {
    let dtype: String
    let shape: [Int]
    let dataOffsets: [Int]

    enum CodingKeys: String, CodingKey {
        case dtype, shape
        case dataOffsets = "data_offsets"
    }
}

private struct RawFile: Encodable {
    let entries: [String: RawEntry]

    struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Name.self)
        // transformers refuses a file that does not say which framework's layout it has.
        try container.encode(["format": "pt"], forKey: Name(stringValue: "__metadata__"))
        for (name, entry) in entries { try container.encode(entry, forKey: Name(stringValue: name)) }
    }
}
