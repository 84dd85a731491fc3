import Storage
import SystemPackage

/// Reads the pickle of a `state_dict`: the operations that plain tensors need, and no others.
///
/// A pickle is a program for a stack machine that may call anything in Python. This machine makes numbers, strings, tuples,
/// dictionaries, storages and tensors, and refuses whatever else it is asked for. It takes memory in proportion to the
/// pickle: values do not nest, but name tuples and dictionaries by number.
/// Source: `pickletools.py` of Python, protocol 2, which `torch.save` writes.
struct StateDictPickle {
    static let sizeLimit: UInt64 = 8 << 20
    /// More dimensions than any tensor has: otherwise one long tuple could be the shape of many tensors.
    private static let dimensionLimit = 16

    private enum Value {
        case none
        case boolean
        case integer(Int)
        case float
        case string(String)
        case global(PickleGlobal)
        case tuple(Int)
        case list
        case dictionary(Int)
        case storage(PickledStorage)
        case tensor(PickledTensor)
    }

    private let path: FilePath
    /// Where the pickle begins in the file.
    private let start: UInt64
    private var fields: LittleEndianFields
    private var stack: [Value] = []
    /// Lengths of the stack when marks were set.
    private var marks: [Int] = []
    private var memo: [UInt32: Value] = [:]
    private var tuples: [[Value]] = []
    private var dictionaries: [[(key: Value, value: Value)]] = []

    init(_ bytes: [UInt8], path: FilePath, start: UInt64) {
        fields = LittleEndianFields(bytes)
        self.path = path
        self.start = start
    }

    /// Runs to the end; the tensors by name.
    mutating func tensors() throws(ModelError) -> [String: PickledTensor] {
        while let code = fields.next(UInt8.self) {
            guard let operation = Operation(rawValue: code) else {
                throw refused("the pickle has operation 0x\(String(code, radix: 16)), which plain tensors do not need")
            }
            if operation == .stop { return try result() }
            try perform(operation)
        }
        throw refused("the pickle is cut off")
    }

    private func result() throws(ModelError) -> [String: PickledTensor] {
        guard stack.count == 1, case .dictionary(let number) = stack[0] else {
            throw refused("the pickle is not a dictionary of tensors")
        }
        var tensors: [String: PickledTensor] = [:]
        for entry in dictionaries[number] {
            if case (.string(let name), .tensor(let tensor)) = entry { tensors[name] = tensor }
        }
        return tensors
    }
}

extension StateDictPickle {
    /// The operations, by their byte.
    private enum Operation: UInt8 {
        case proto = 0x80
        case stop = 0x2E
        case mark = 0x28
        // Constants
        case none = 0x4E
        case newTrue = 0x88
        case newFalse = 0x89
        case binInt = 0x4A
        case binInt1 = 0x4B
        case binInt2 = 0x4D
        case long1 = 0x8A
        case binFloat = 0x47
        case binUnicode = 0x58
        // Collections
        case emptyTuple = 0x29
        case tuple = 0x74
        case tuple1 = 0x85
        case tuple2 = 0x86
        case tuple3 = 0x87
        case emptyList = 0x5D
        case append = 0x61
        case appends = 0x65
        case emptyDictionary = 0x7D
        case setItem = 0x73
        case setItems = 0x75
        // Memory
        case binGet = 0x68
        case longBinGet = 0x6A
        case binPut = 0x71
        case longBinPut = 0x72
        // Objects
        case global = 0x63
        case reduce = 0x52
        case build = 0x62
        case persistentID = 0x51
    }

    private mutating func perform(_ operation: Operation) throws(ModelError) {
        switch operation {
        case .proto:
            let version = try next(UInt8.self)
            guard version == 2 else { throw refused("the pickle has protocol \(version), PyTorch writes 2") }
        case .stop: break
        case .mark: marks.append(stack.count)
        case .none: stack.append(.none)
        case .newTrue, .newFalse: stack.append(.boolean)
        case .binInt: stack.append(.integer(Int(Int32(bitPattern: try next(UInt32.self)))))
        case .binInt1: stack.append(.integer(Int(try next(UInt8.self))))
        case .binInt2: stack.append(.integer(Int(try next(UInt16.self))))
        case .long1: stack.append(.integer(try longInteger()))
        case .binFloat:
            _ = try next(UInt64.self)
            stack.append(.float)
        case .binUnicode: stack.append(.string(try text(count: Int(try next(UInt32.self)))))
        case .emptyTuple: push(tuple: [])
        case .tuple: push(tuple: try popToMark())
        case .tuple1: push(tuple: try pop(1))
        case .tuple2: push(tuple: try pop(2))
        case .tuple3: push(tuple: try pop(3))
        case .emptyList: stack.append(.list)
        case .append:
            _ = try pop(1)
            try expectList()
        case .appends:
            _ = try popToMark()
            try expectList()
        case .emptyDictionary: pushDictionary()
        case .setItem: try set(pop(2))
        case .setItems: try set(popToMark())
        case .binGet:
            let number = UInt32(try next(UInt8.self))
            stack.append(try remembered(number))
        case .longBinGet:
            let number = try next(UInt32.self)
            stack.append(try remembered(number))
        case .binPut: memo[UInt32(try next(UInt8.self))] = try top()
        case .longBinPut: memo[try next(UInt32.self)] = try top()
        case .global: stack.append(.global(try global()))
        case .reduce: try reduce()
        case .build: try build()
        case .persistentID:
            let identifier = try pop(1)[0]
            stack.append(.storage(try storage(identifier)))
        }
    }

    // MARK: Operands

    private mutating func next<Integer: FixedWidthInteger & UnsignedInteger>(
        _ type: Integer.Type
    ) throws(ModelError) -> Integer {
        guard let value = fields.next(type) else { throw refused("the pickle is cut off") }
        return value
    }

    private mutating func text(count: Int) throws(ModelError) -> String {
        guard let bytes = fields.take(count) else { throw refused("the pickle is cut off") }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw refused("the pickle has a string that is not UTF-8")
        }
        return text
    }

    /// Little-endian, two's complement, of as many bytes as it says.
    private mutating func longInteger() throws(ModelError) -> Int {
        let count = Int(try next(UInt8.self))
        guard count <= 8, let bytes = fields.take(count) else {
            throw refused("the pickle has a number of \(count) bytes")
        }
        let unused = 64 - 8 * count
        return count == 0 ? 0 : Int(Int64(bitPattern: UInt64(littleEndianBytes: bytes) << unused) >> unused)
    }

    private mutating func global() throws(ModelError) -> PickleGlobal {
        var words: [String] = []
        for _ in 0..<2 {
            var line: [UInt8] = []
            while true {
                let byte = try next(UInt8.self)
                if byte == UInt8(ascii: "\n") { break }
                line.append(byte)
            }
            words.append(String(decoding: line.prefix(80), as: UTF8.self))
        }
        guard let global = PickleGlobal(module: words[0][...], name: words[1][...]) else {
            throw refused("the pickle asks for \(String(reflecting: words[0] + "." + words[1]))")
        }
        return global
    }

    // MARK: Stack

    private func refused(_ detail: String) -> ModelError {
        ModelError(.unreadableCheckpoint(detail), path, byte: start + UInt64(fields.position))
    }

    private func top() throws(ModelError) -> Value {
        guard let value = stack.last else { throw refused("the pickle takes what is not there") }
        return value
    }

    /// The last values, none from before the last mark.
    private mutating func pop(_ count: Int) throws(ModelError) -> [Value] {
        guard stack.count - (marks.last ?? 0) >= count else { throw refused("the pickle takes what is not there") }
        defer { stack.removeLast(count) }
        return Array(stack.suffix(count))
    }

    private mutating func popToMark() throws(ModelError) -> [Value] {
        guard let mark = marks.popLast() else { throw refused("the pickle has no mark") }
        defer { stack.removeSubrange(mark...) }
        return Array(stack[mark...])
    }

    private func remembered(_ number: UInt32) throws(ModelError) -> Value {
        guard let value = memo[number] else { throw refused("the pickle remembers nothing as \(number)") }
        return value
    }

    private mutating func push(tuple: [Value]) {
        stack.append(.tuple(tuples.count))
        tuples.append(tuple)
    }

    private mutating func pushDictionary() {
        stack.append(.dictionary(dictionaries.count))
        dictionaries.append([])
    }

    // MARK: Objects

    /// The content of a list does not matter.
    private func expectList() throws(ModelError) {
        guard case .list = try top() else { throw refused("the pickle appends to something that is not a list") }
    }

    private mutating func set(_ items: [Value]) throws(ModelError) {
        guard case .dictionary(let number) = try top(), items.count % 2 == 0 else {
            throw refused("the pickle sets an item of something that is not a dictionary")
        }
        for index in stride(from: 0, to: items.count, by: 2) {
            dictionaries[number].append((items[index], items[index + 1]))
        }
    }

    /// A `state_dict` carries `_metadata`, the versions of its modules.
    private mutating func build() throws(ModelError) {
        guard case .dictionary = try pop(1)[0], case .dictionary = try top() else {
            throw refused("the pickle gives a state to something that is not a dictionary")
        }
    }

    private mutating func reduce() throws(ModelError) {
        let call = try pop(2)
        guard case .global(let function) = call[0], case .tuple(let number) = call[1] else {
            throw refused("the pickle calls something that is not a function")
        }
        let arguments = tuples[number]
        switch function {
        case .orderedDictionary:
            guard arguments.isEmpty else {
                throw refused("the pickle makes a dictionary of \(arguments.count) arguments")
            }
            pushDictionary()
        case .rebuildTensor: stack.append(.tensor(try tensor(arguments)))
        case .rebuildParameter:
            guard case .tensor(let tensor)? = arguments.first else {
                throw refused("the pickle has a damaged parameter")
            }
            stack.append(.tensor(tensor))
        case .storage: throw refused("the pickle makes a storage of its own")
        }
    }

    /// `_rebuild_tensor_v2(storage, storage_offset, size, stride, ...)`
    private func tensor(_ arguments: [Value]) throws(ModelError) -> PickledTensor {
        guard arguments.count >= 4, case .storage(let storage) = arguments[0], case .integer(let offset) = arguments[1],
            case .tuple(let shape) = arguments[2], case .tuple(let strides) = arguments[3]
        else { throw refused("the pickle has a damaged tensor") }
        return PickledTensor(
            storage: storage, offset: offset, shape: try integers(of: shape), strides: try integers(of: strides))
    }

    private func integers(of tuple: Int) throws(ModelError) -> [Int] {
        guard tuples[tuple].count <= Self.dimensionLimit else {
            throw refused("the pickle has a tensor of \(tuples[tuple].count) dimensions")
        }
        var integers: [Int] = []
        for value in tuples[tuple] {
            guard case .integer(let integer) = value else { throw refused("the pickle has a damaged tensor") }
            integers.append(integer)
        }
        return integers
    }

    /// `("storage", type, key, device, elements)`
    private func storage(_ identifier: Value) throws(ModelError) -> PickledStorage {
        guard case .tuple(let number) = identifier, tuples[number].count == 5,
            case .string("storage") = tuples[number][0], case .global(.storage(let type)) = tuples[number][1],
            case .string(let key) = tuples[number][2]
        else { throw refused("the pickle has a damaged storage") }
        return PickledStorage(elementType: type, key: key)
    }
}
