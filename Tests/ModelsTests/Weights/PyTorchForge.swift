/// Makes the archives that `torch.save` makes, and such as it never would.
struct PyTorchForge {
    var entries: [(name: String, content: [UInt8])] = []
    /// Changes of a finished archive.
    var method: UInt16 = 0
    var flags: UInt16 = 0

    init(pickle: [UInt8], storages: [String: [UInt8]] = [:]) {
        entries.append(("archive/data.pkl", pickle))
        for (key, content) in storages.sorted(by: { $0.key < $1.key }) {
            entries.append(("archive/data/\(key)", content))
        }
        entries.append(("archive/byteorder", Array("little".utf8)))
    }

    var bytes: [UInt8] {
        var (file, directory) = ([UInt8](), [UInt8]())
        for entry in entries {
            let start = file.count
            let common: [UInt8] =
                Self.field(20, 2) + Self.field(Int(flags), 2) + Self.field(Int(method), 2) + Self.field(0, 8)
                + Self.field(entry.content.count, 4) + Self.field(entry.content.count, 4)
                + Self.field(entry.name.utf8.count, 2)
            // PyTorch pads the local header so that elements start on a multiple of 64.
            let padding = [UInt8](repeating: 0x5A, count: 7)
            file += [0x50, 0x4B, 3, 4] + common + Self.field(padding.count, 2) + Array(entry.name.utf8) + padding
            file += entry.content
            directory +=
                [0x50, 0x4B, 1, 2] + Self.field(20, 2) + common + Self.field(0, 2) + Self.field(0, 10)
                + Self.field(start, 4) + Array(entry.name.utf8)
        }
        let end: [UInt8] =
            [0x50, 0x4B, 5, 6] + Self.field(0, 4) + Self.field(entries.count, 2) + Self.field(entries.count, 2)
            + Self.field(directory.count, 4) + Self.field(file.count, 4) + Self.field(0, 2)
        return file + directory + end
    }

    static func field(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { $0 < 8 ? UInt8(truncatingIfNeeded: value >> (8 * $0)) : 0 }
    }
}

/// The pickle of a dictionary, operation by operation.
struct Pickle {
    var bytes: [UInt8] = [0x80, 2]

    /// `OrderedDict()`, then items set between a mark and `SETITEMS`.
    static func dictionary(_ items: [UInt8]) -> [UInt8] {
        [0x80, 2] + global("collections", "OrderedDict") + [0x29, 0x52, 0x28] + items + [0x75, 0x2E]
    }

    static func global(_ module: String, _ name: String) -> [UInt8] {
        [0x63] + Array(module.utf8) + [0x0A] + Array(name.utf8) + [0x0A]
    }

    static func string(_ text: String) -> [UInt8] { [0x58] + PyTorchForge.field(text.utf8.count, 4) + Array(text.utf8) }
    static func integer(_ value: Int) -> [UInt8] { [0x8A, 8] + PyTorchForge.field(value, 8) }
    static func tuple(_ items: [UInt8]...) -> [UInt8] { [0x28] + items.flatMap(\.self) + [0x74] }

    static func storage(_ type: String = "FloatStorage", key: String = "0", count: Int = 6) -> [UInt8] {
        tuple(string("storage"), global("torch", type), string(key), string("cpu"), integer(count)) + [0x51]
    }

    /// A name and its tensor.
    static func tensor(
        _ name: String, _ storage: [UInt8] = storage(), offset: Int = 0, shape: [Int], strides: [Int]
    ) -> [UInt8] {
        string(name) + global("torch._utils", "_rebuild_tensor_v2")
            + tuple(
                storage, integer(offset), [0x28] + shape.flatMap(integer) + [0x74],
                [0x28] + strides.flatMap(integer) + [0x74], [0x89],
                global("collections", "OrderedDict") + [0x29, 0x52]) + [0x52]
    }
}
