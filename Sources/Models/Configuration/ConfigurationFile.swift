import FoundationEssentials
import JSON
import Storage
import SystemPackage

/// A `config.json` as it lies on disk: values by key, each asked for as the type that it should have.
struct ConfigurationFile {
    let path: FilePath
    private(set) var values: [String: ConfigurationValue]

    init(path: FilePath, values: [String: ConfigurationValue]) {
        self.path = path
        self.values = values
    }

    init(contentsOf path: FilePath) throws {
        self.path = path
        let bytes = try HuggingFaceFolder.contents(of: path)
        do {
            let members = try JSONCursor(reading: bytes).members()
            values = [:]
            for (name, value) in members { values[name] = ConfigurationValue(try value.whole()) }
        } catch {
            throw ModelError(.malformedConfiguration("\(error)"), path)
        }
    }

    func write() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try DurableFile.write(Array(encoder.encode(values)) + [UInt8(ascii: "\n")], to: path)
    }

    // MARK: Values; `nil` where the file is silent or says null.

    func integer(_ key: String) throws(ModelError) -> Int? {
        switch values[key] {
        case nil, .null: nil
        case .integer(let value): value
        case .some(let other): throw wrongType(key, other, "a whole number")
        }
    }

    func requiredInteger(_ key: String) throws(ModelError) -> Int {
        guard let value = try integer(key) else { throw ModelError(.malformedConfiguration("\(key) is missing"), path) }
        return value
    }

    func float(_ key: String) throws(ModelError) -> Float? {
        switch values[key] {
        case nil, .null: nil
        case .integer(let value): Float(value)
        case .float(let value): value
        case .some(let other): throw wrongType(key, other, "a number")
        }
    }

    func string(_ key: String) throws(ModelError) -> String? {
        switch values[key] {
        case nil, .null: nil
        case .string(let value): value
        case .some(let other): throw wrongType(key, other, "a string")
        }
    }

    func boolean(_ key: String) throws(ModelError) -> Bool? {
        switch values[key] {
        case nil, .null: nil
        case .boolean(let value): value
        case .some(let other): throw wrongType(key, other, "true or false")
        }
    }

    func strings(_ key: String) throws(ModelError) -> [String]? {
        switch values[key] {
        case nil, .null: nil
        case .strings(let value): value
        case .some(let other): throw wrongType(key, other, "a list of strings")
        }
    }

    private func wrongType(_ key: String, _ value: ConfigurationValue, _ expected: String) -> ModelError {
        ModelError(.malformedConfiguration("\(key) is \(value), expected is \(expected)"), path)
    }
}

/// A value of `config.json`.
enum ConfigurationValue: Hashable {
    case null
    case boolean(Bool)
    case integer(Int)
    case float(Float)
    case string(String)
    case strings([String])
    case object([String: ConfigurationValue])
    /// A list that nothing here reads, or a number beyond all bounds.
    case other
}

extension ConfigurationValue {
    init(_ json: JSONValue) {
        switch json {
        case .null: self = .null
        case .boolean(let truth): self = .boolean(truth)
        case .number(let text):
            self = json.integer.map { .integer($0) } ?? Float(text).flatMap { $0.isFinite ? .float($0) : nil } ?? .other
        case .string(let text): self = .string(text)
        case .array(let elements):
            let strings = elements.compactMap(\.text)
            self = strings.count == elements.count ? .strings(strings) : .other
        case .object(let members):
            self = .object(Dictionary(members.map { ($0.name, Self($0.value)) }, uniquingKeysWith: { $1 }))
        }
    }
}

extension ConfigurationValue: Encodable {
    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null, .other: try container.encodeNil()
        case .boolean(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .float(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .strings(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }
}

extension ConfigurationValue: CustomStringConvertible {
    var description: String {
        switch self {
        case .null: "null"
        case .boolean(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .float(let value): "\(value)"
        case .string(let value): String(reflecting: value)
        case .strings(let value): "\(value)"
        case .object, .other: "something else"
        }
    }
}
