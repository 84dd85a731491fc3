/// The fault of JSON that does not decode, in words of our own and without a full stop.
package func words(of error: any Error) -> String {
    switch error as? DecodingError {
    case .keyNotFound(let key, let context): "\(place(context, key)) is missing"
    case .valueNotFound(_, let context): "\(place(context)) is null"
    case .typeMismatch(let type, let context): "\(place(context)) is not \(name(of: type))"
    case .dataCorrupted(let context): words(of: context)
    default: "\(error)"
    }
}

private func words(of context: DecodingError.Context) -> String {
    // The decoder does not tell the two apart, and names no place.
    if context.codingPath.isEmpty { return "it is not valid JSON, or has a number out of range" }
    if context.debugDescription.hasPrefix("Cannot initialize") { return "\(place(context)) is unknown" }
    let words = context.debugDescription
    return place(context) + ": " + (words.hasSuffix(".") ? String(words.dropLast()) : words)
}

private func place(_ context: DecodingError.Context, _ key: (any CodingKey)? = nil) -> String {
    let keys = (context.codingPath + (key.map { [$0] } ?? [])).map { $0.intValue.map(String.init) ?? $0.stringValue }
    return keys.isEmpty ? "the JSON" : keys.joined(separator: ".")
}

private func name(of type: any Any.Type) -> String {
    switch "\(type)" {
    case "String": "a text"
    case "Bool": "true or false"
    case let name where name.hasPrefix("Dictionary"): "an object"
    case let name where name.hasPrefix("Array"): "a list"
    case let name where ["Int", "UInt", "Double", "Float"].contains(where: name.hasPrefix): "a number"
    default: "of the type expected"
    }
}
