/// Reads one JSON text from its start to its end.
struct JSONParser {
    private let bytes: [UInt8]
    private var position = 0
    /// Nested deeper than any file of a model is, a text is refused rather than the stack used up.
    private var depth = 0

    private static let deepest = 128

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws(JSONValue.Malformed) -> JSONValue {
        let value = try value()
        skipSpaces()
        if position < bytes.count { throw malformed }
        return value
    }

    private var malformed: JSONValue.Malformed { JSONValue.Malformed(offset: position) }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpaces() {
        while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
    }

    /// Skips spaces, then `byte` if it comes next.
    private mutating func take(_ byte: UInt8) -> Bool {
        skipSpaces()
        if next != byte { return false }
        position += 1
        return true
    }

    private mutating func expect(_ byte: UInt8) throws(JSONValue.Malformed) {
        if !take(byte) { throw malformed }
    }

    private mutating func value() throws(JSONValue.Malformed) -> JSONValue {
        skipSpaces()
        switch next {
        case UInt8(ascii: "{"): return .object(try object())
        case UInt8(ascii: "["): return .array(try array())
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .boolean(true))
        case UInt8(ascii: "f"): return try word("false", .boolean(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return .number(try number())
        }
    }

    private mutating func word(_ word: String, _ value: JSONValue) throws(JSONValue.Malformed) -> JSONValue {
        guard bytes[position...].starts(with: word.utf8) else { throw malformed }
        position += word.utf8.count
        return value
    }

    private mutating func descend() throws(JSONValue.Malformed) {
        depth += 1
        if depth > Self.deepest { throw malformed }
        position += 1
    }

    private mutating func object() throws(JSONValue.Malformed) -> [(name: String, value: JSONValue)] {
        try descend()
        defer { depth -= 1 }
        var members: [(name: String, value: JSONValue)] = []
        if take(UInt8(ascii: "}")) { return members }
        repeat {
            skipSpaces()
            guard next == UInt8(ascii: "\"") else { throw malformed }
            let name = try string()
            try expect(UInt8(ascii: ":"))
            members.append((name, try value()))
        } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "}"))
        return members
    }

    private mutating func array() throws(JSONValue.Malformed) -> [JSONValue] {
        try descend()
        defer { depth -= 1 }
        var elements: [JSONValue] = []
        if take(UInt8(ascii: "]")) { return elements }
        repeat { elements.append(try value()) } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "]"))
        return elements
    }

    private mutating func number() throws(JSONValue.Malformed) -> String {
        let start = position
        while let byte = next, "+-.0123456789Ee".utf8.contains(byte) { position += 1 }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        // Ids, of which vocabularies are full, need no look at the grammar.
        let isID = bytes[start..<position].allSatisfy { (0x30...0x39).contains($0) } && text.first != "0"
        guard isID && !text.isEmpty || text.wholeMatch(of: /-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/) != nil
        else {
            position = start
            throw malformed
        }
        return text
    }

    private mutating func string() throws(JSONValue.Malformed) -> String {
        position += 1
        var text: [UInt8] = []
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else { throw malformed }
                position += 1
                return string
            case UInt8(ascii: "\\"):
                position += 1
                text += String(try escape()).utf8
            case 0..<0x20: throw malformed
            default:
                let start = position
                while let byte = next, byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
                    position += 1
                }
                text += bytes[start..<position]
            }
        }
        throw malformed
    }

    private mutating func escape() throws(JSONValue.Malformed) -> Unicode.Scalar {
        guard let byte = next else { throw malformed }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            let unit = try fourDigits()
            if let scalar = Unicode.Scalar(unit) { return scalar }
            // Half of a pair: the other half must follow.
            guard unit < 0xDC00, bytes[position...].starts(with: "\\u".utf8) else { throw malformed }
            position += 2
            let low = try fourDigits()
            guard (0xDC00..<0xE000).contains(low),
                let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
            else { throw malformed }
            return scalar
        default: throw malformed
        }
    }

    private mutating func fourDigits() throws(JSONValue.Malformed) -> UInt32 {
        guard position + 4 <= bytes.count,
            bytes[position..<(position + 4)].allSatisfy({ Unicode.Scalar($0).properties.isASCIIHexDigit }),
            let value = UInt32(String(decoding: bytes[position..<(position + 4)], as: UTF8.self), radix: 16)
        else { throw malformed }
        position += 4
        return value
    }
}
