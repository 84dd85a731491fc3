import JSON
import Storage
import SystemPackage

/// A `tokenizer.json` of Hugging Face's `tokenizers`, as far as it decides ids. Parts that are not done here exactly are
/// refused by their names.
struct TokenizerFile {
    static let name = "tokenizer.json"

    let path: FilePath
    private let root: JSONValue
    let model: JSONValue
    /// `model.type`; files of old versions do not say.
    let modelType: String

    init(_ path: FilePath) throws(CorpusError) {
        self.path = path
        root = try Self.json(path)
        model = root["model"] ?? .null
        guard model.members != nil else { throw Self.malformed("there is no \"model\"", path) }
        modelType = model["type"]?.text ?? (model["merges"] == nil ? "WordPiece" : "BPE")
        for token in root["added_tokens"]?.elements ?? [] where token["special"]?.truth != true {
            throw CorpusError.unsupported(
                "the added token \((token["content"] ?? .null).summary), which is not special", path,
                .name("added_tokens"))
        }
    }

    /// The tokens in the order of their ids, those of `added_tokens` among them.
    func tokens() throws(CorpusError) -> [[UInt8]] {
        guard var entries = model["vocab"]?.members else { throw Self.malformed("model.vocab is not an object", path) }
        for token in root["added_tokens"]?.elements ?? [] {
            guard let name = token["content"]?.text, let id = token["id"] else {
                throw Self.malformed("an added token has no content or id", path)
            }
            entries.append((name, id))
        }
        return try Self.inOrder(entries, path)
    }

    /// Puts tokens with ids in order. An added token may repeat one with the same id.
    static func inOrder(
        _ entries: [(name: String, value: JSONValue)], _ path: FilePath
    ) throws(CorpusError) -> [[UInt8]] {
        var tokens = [[UInt8]?](repeating: nil, count: entries.count)
        for (name, value) in entries {
            guard let id = value.integer, id >= 0 else {
                throw malformed("the id of the token \"\(name)\" is \(value.summary)", path)
            }
            guard id < tokens.count else {
                throw malformed("the token \"\(name)\" has the id \(id), and lower ids have no token", path)
            }
            let bytes = Array(name.utf8)
            if let other = tokens[id], other != bytes {
                throw malformed(
                    "the id \(id) belongs to \"\(String(decoding: other, as: UTF8.self))\" and to \"\(name)\"", path)
            }
            tokens[id] = bytes
        }
        let count = tokens.lastIndex { $0 != nil }.map { $0 + 1 } ?? 0
        return try tokens[..<count].enumerated().map { (id, token) throws(CorpusError) in
            guard let token else { throw malformed("the id \(id) has no token", path) }
            return token
        }
    }

    /// A part of the pipeline of the given type, nil where the file has `null`; any other type is refused.
    func step(_ name: String, _ types: String...) throws(CorpusError) -> JSONValue? {
        guard let step = root[name], !step.isNull else { return nil }
        let type = step["type"]?.text ?? ""
        guard types.contains(type) else {
            throw CorpusError.unsupported("\(Self.article(name)) \(type)", path, .name(name))
        }
        return step
    }

    /// Refuses `part` where the value of `key` is not one of those expected.
    func check(_ part: JSONValue, _ partName: String, _ key: String, _ expected: String...) throws(CorpusError) {
        let value = (part[key] ?? .null).summary
        if expected.contains(value) { return }
        throw CorpusError.unsupported(
            "\(key) \(value) in its \(partName)", path, .name("\(partName).\(key)"))
    }

    /// The tokens that the post-processor puts first and last; nil where there is none that puts any.
    func sequenceEnds() throws(CorpusError) -> (first: String, last: String)? {
        let types = ["BertProcessing", "RobertaProcessing", "TemplateProcessing", "ByteLevel"]
        guard let step = try step("post_processor", types[0], types[1], types[2], types[3]) else { return nil }
        switch step["type"]?.text {
        case "ByteLevel": return nil
        case "TemplateProcessing":
            let single = step["single"]?.elements ?? []
            if single.count == 3, let first = single[0]["SpecialToken"]?["id"]?.text, single[1]["Sequence"] != nil,
                let last = single[2]["SpecialToken"]?["id"]?.text
            {
                return (first, last)
            }
        default:
            if let first = step["cls"]?.elements?.first?.text, let last = step["sep"]?.elements?.first?.text {
                return (first, last)
            }
        }
        throw CorpusError.unsupported(
            "a post_processor that does not put one token before the text and one after it", path,
            .name("post_processor"))
    }

    private static func article(_ name: String) -> String { "the \(name.replacing("_", with: "-"))" }
}

extension TokenizerFile {
    static func json(_ path: FilePath) throws(CorpusError) -> JSONValue {
        let bytes = try CorpusError.rethrowing(RandomAccessFile.contents(of: path))
        do {
            return try JSONValue(parsing: bytes)
        } catch {
            throw CorpusError(
                .malformedConfiguration, "this is not valid JSON",
                at: ErrorLocation(file: path.string, .byte(UInt64(error.offset))),
                remedy: "Take the file from the model's folder again")
        }
    }

    static func malformed(_ problem: String, _ path: FilePath) -> CorpusError {
        CorpusError(
            .malformedConfiguration, problem, at: ErrorLocation(file: path.string),
            remedy: "Take the file from the model's folder again")
    }
}
