import FoundationEssentials
import JSON

extension Transport {
    /// The rank that owns files, and that people hear.
    public var isFirst: Bool { rank == 0 }

    /// Whether any rank says yes; the same on all ranks.
    public func anyone(_ answer: Bool) throws(RankError) -> Bool {
        if count == 1 { return answer }
        return try gather([answer ? 1 : 0], patience: .usual).contains([1])
    }

    /// Does something on every rank that may fail on one, such as reading. Then all fail, and none waits for the one that did.
    ///
    /// Nothing in `body` may talk to other ranks.
    public func together<Result>(patience: Patience = .usual, _ body: () throws -> Result) throws
        -> Result
    {
        if count == 1 { return try body() }
        let result = Swift.Result { try body() }
        var hasFailed: [UInt8] = [0]
        if case .failure = result { hasFailed = [1] }
        let answers = try gather(hasFailed, patience: patience)
        let value = try result.get()
        if let other = answers.firstIndex(of: [1]) {
            throw RankError(.stopped(rank: other), hosts: hosts)
        }
        return value
    }

    /// The value of rank 0, on all ranks.
    public func sharing<Value: Codable>(_ value: Value) throws -> Value {
        if count == 1 { return value }
        let encoder = JSONEncoder()
        encoder.nonConformingFloatEncodingStrategy = .spelledOut
        let bytes = isFirst ? Array(try encoder.encode([value])) : []
        let first = try gather(bytes, patience: .usual)[0]
        return isFirst ? value : try decode([Value].self, from: first)[0]
    }

    /// The values of all ranks, on all ranks, in their order.
    public func gather<Value: Codable>(_ value: Value) throws -> [Value] {
        let encoder = JSONEncoder()
        encoder.nonConformingFloatEncodingStrategy = .spelledOut
        return try gather(Array(try encoder.encode(value)), patience: .usual).map {
            try decode(Value.self, from: $0)
        }
    }

    private func decode<Value: Codable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .spelledOut
        return try decoder.decode(type, from: Data(bytes))
    }

    /// Refuses ranks that are to do different things.
    ///
    /// - Parameter values: by the names that the person knows them under.
    public func requireSame(_ values: [String: String]) throws {
        if count == 1 { return }
        let all = try gather(values)
        for name in Set(all.flatMap(\.keys)).sorted() {
            let first = all[0][name] ?? "unset"
            for rank in all.indices where (all[rank][name] ?? "unset") != first {
                throw RankError(
                    .difference(name, first: first, other: all[rank][name] ?? "unset", rank: rank),
                    hosts: hosts)
            }
        }
    }
}
