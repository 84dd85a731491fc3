/// What a decoder of JSON complains about, in words for people and without a full stop.
package func words(of error: any Error) -> String {
    guard let error = error as? DecodingError else { return "\(error)" }
    func place(_ context: DecodingError.Context) -> String {
        let path = context.codingPath.map { $0.intValue.map { "element \($0)" } ?? $0.stringValue }
        return path.isEmpty ? "it" : path.joined(separator: ": ")
    }
    switch error {
    case .keyNotFound(let key, _): return "\(key.stringValue) is missing"
    case .typeMismatch(let type, let context): return "\(place(context)) is not \(name(of: type))"
    case .valueNotFound(let type, let context): return "\(place(context)) is null, not \(name(of: type))"
    case .dataCorrupted(let context):
        // Foundation gives no path, and the same words for a number that is too large or has a fraction.
        if context.codingPath.isEmpty { return "it is not valid JSON, or a number in it does not fit" }
        return (context.codingPath.map(\.stringValue) + [context.debugDescription]).joined(separator: ": ")
    @unknown default: return "it is not what was expected"
    }
}

/// What a value of JSON should have been.
private func name(of type: any Any.Type) -> String {
    switch type {
    case is any BinaryInteger.Type: "a whole number"
    case is any BinaryFloatingPoint.Type: "a number"
    case is String.Type: "a string"
    case is Bool.Type: "true or false"
    case let type where "\(type)".hasPrefix("Array") || "\(type)".hasPrefix("Set"): "a list"
    default: "an object"
    }
}
