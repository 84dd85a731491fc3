/// A place in a JSON text, asked for the value that should stand there. Where another one does, the error names the place.
public struct JSONCursor: Sendable {
    private let value: JSONValue?
    /// The names on the way here, with full stops between; empty for the whole text.
    private let path: String

    private init(_ value: JSONValue?, _ path: String) {
        self.value = value
        self.path = path
    }

    public init(reading bytes: [UInt8]) throws(JSONMismatch) {
        do {
            self.init(try JSONValue(parsing: bytes), "")
        } catch {
            throw JSONMismatch(description: "it is not valid JSON, or has a number out of range")
        }
    }

    public subscript(name: String) -> JSONCursor { JSONCursor(value?[name], inside(name)) }

    /// `nil` where nothing stands, or null.
    public var present: JSONCursor? { value == nil || value?.isNull == true ? nil : self }

    public func text() throws(JSONMismatch) -> String { try read("a text", \.text) }
    public func truth() throws(JSONMismatch) -> Bool { try read("true or false", \.truth) }
    public func integer() throws(JSONMismatch) -> Int { try read("a whole number", \.integer) }
    public func double() throws(JSONMismatch) -> Double { try read("a number", \.double) }

    public func elements() throws(JSONMismatch) -> [JSONCursor] {
        try read("a list", \.elements).enumerated().map { JSONCursor($1, inside("\($0)")) }
    }

    public func members() throws(JSONMismatch) -> [(name: String, value: JSONCursor)] {
        try read("an object", \.members).map { ($0.name, JSONCursor($0.value, inside($0.name))) }
    }

    /// The value here, as it is.
    public func whole() throws(JSONMismatch) -> JSONValue { try read("there") { $0 } }

    /// - Parameter problem: the fault of the value here, without a full stop.
    public func mismatch(_ problem: String) -> JSONMismatch {
        JSONMismatch(description: "\(path.isEmpty ? "the JSON" : path) \(problem)")
    }

    private func read<Result>(_ expected: String, _ get: (JSONValue) -> Result?) throws(JSONMismatch) -> Result {
        guard let value else { throw mismatch("is missing") }
        guard let result = get(value) else { throw mismatch(value.isNull ? "is null" : "is not \(expected)") }
        return result
    }

    private func inside(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }
}

/// The fault of a JSON text, in words for people and without a full stop.
public struct JSONMismatch: Error, CustomStringConvertible {
    public let description: String
}
