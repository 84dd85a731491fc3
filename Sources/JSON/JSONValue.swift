/// A JSON text as it stands (RFC 8259): members in order, numbers as they are written.
///
/// Foundation's decoder keeps the members of an object in a dictionary of `String`, which takes canonically equivalent
/// names for one: of a vocabulary's "Å" (U+00C5) and "Å" (U+212B) only one would be left. All JSON of others is read
/// here. JSON that this program writes for itself is read by Foundation.
public enum JSONValue: Sendable {
    case null
    case boolean(Bool)
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([(name: String, value: JSONValue)])

    /// The last member of that name. A new value takes the place of all members of that name, at the end; of a value that
    /// has no members, it makes an object.
    public subscript(name: String) -> JSONValue? {
        get { members?.last { $0.name == name }?.value }
        set {
            var members = (members ?? []).filter { $0.name != name }
            if let newValue { members.append((name, newValue)) }
            self = .object(members)
        }
    }

    public var members: [(name: String, value: JSONValue)]? {
        if case .object(let members) = self { members } else { nil }
    }
    public var elements: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }
    public var text: String? { if case .string(let text) = self { text } else { nil } }
    public var truth: Bool? { if case .boolean(let truth) = self { truth } else { nil } }
    /// A number that is whole, however it is written: `512`, `512.0`, `5.12e2`.
    public var integer: Int? {
        guard case .number(let number) = self else { return nil }
        return Int(number) ?? Double(number).flatMap { Int(exactly: $0) }
    }
    public var double: Double? { if case .number(let number) = self { Double(number) } else { nil } }
    public var isNull: Bool { if case .null = self { true } else { false } }

    /// The value, for people: cut short where it is long.
    public var summary: String {
        switch self {
        case .null: "null"
        case .boolean(let truth): "\(truth)"
        case .number(let number): number
        case .string(let text): "\"\(text.prefix(40))\""
        case .array: "a list"
        case .object: self["type"]?.text ?? "an object"
        }
    }
}

extension JSONValue {
    /// Where a text is not JSON: the number of a byte, from 0.
    public struct Malformed: Error {
        public let offset: Int
    }

    public init(parsing bytes: [UInt8]) throws(Malformed) {
        var parser = JSONParser(bytes)
        self = try parser.document()
    }

    /// JSON text, with each member on a line of its own.
    public func json(indentation: String = "") -> String {
        let inner = indentation + "  "
        func list(_ items: [String], _ open: String, _ close: String) -> String {
            items.isEmpty
                ? open + close : "\(open)\n\(inner)\(items.joined(separator: ",\n\(inner)"))\n\(indentation)\(close)"
        }
        switch self {
        case .null: return "null"
        case .boolean(let truth): return "\(truth)"
        case .number(let number): return number
        case .string(let text): return Self.quoted(text)
        case .array(let elements): return list(elements.map { $0.json(indentation: inner) }, "[", "]")
        case .object(let members):
            return list(
                members.map { "\(Self.quoted($0.name)): \($0.value.json(indentation: inner))" }, "{", "}")
        }
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case "\u{0}"..."\u{1F}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
