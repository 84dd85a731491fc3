import JSON
import Storage
import SystemPackage

extension CorpusInput {
    /// Completes the tokenizer of a folder that a model is written to: without `tokenizer_class`, `AutoTokenizer` goes by the
    /// model's type, and an ELECTRA with the files of another model's tokenizer would be read as BERT's.
    ///
    /// Of ids without a tokenizer of ours, `tokenizer_config.json` tells the special ones, for whoever reads the folder next.
    public func completeTokenizer(in folder: FilePath) throws(CorpusError) {
        let path = folder.appending(TokenizerConfiguration.fileName)
        let isThere = Folder(folder).contains(TokenizerConfiguration.fileName)
        var configuration = isThere ? try TokenizerFile.json(path) : .object([])
        guard let missing = try self.missing(from: configuration, folder), !missing.isEmpty else { return }
        for (name, value) in missing { configuration[name] = value }
        let text = configuration.json() + "\n"
        try CorpusError.rethrowing(DurableFile.write(text, to: path))
    }

    private func missing(
        from configuration: JSONValue, _ folder: FilePath
    ) throws(CorpusError) -> [(String, JSONValue)]? {
        guard let tokenizer = try? Tokenizer(folder: folder) else {
            return TokenSpace.tellsSpecialTokens(folder) ? nil : special.members
        }
        if configuration["tokenizer_class"]?.text != nil { return nil }
        let tokenizerClass =
            switch tokenizer {
            case _ where Folder(folder).contains(TokenizerFile.name): "PreTrainedTokenizerFast"
            case .wordPiece: "BertTokenizer"
            case .byteLevel: "RobertaTokenizer"
            case .letters: "PreTrainedTokenizerFast"
            }
        let names = tokenizer.vocabulary.specialTokens
        var members: [(String, JSONValue)] = [("tokenizer_class", .string(tokenizerClass))]
        for (key, name) in names.members where configuration[key] == nil { members.append((key, name)) }
        return members
    }
}

extension SpecialTokenNames {
    /// As `tokenizer_config.json` has them.
    var members: [(String, JSONValue)] {
        [
            ("pad_token", .string(padding)), ("unk_token", .string(unknown)), ("cls_token", .string(classification)),
            ("sep_token", .string(separator)), ("mask_token", .string(mask)),
        ]
    }
}

extension SpecialTokenIDs {
    /// As `tokenizer_config.json` has them, under BERT's names.
    fileprivate var members: [(String, JSONValue)] {
        let names = SpecialTokenNames()
        let ids = [
            (padding, names.padding), (classification, names.classification), (separator, names.separator),
            (mask, names.mask),
        ]
        let tokens = ids.map { (id, name) in
            (
                name: "\(id)",
                value: JSONValue.object([("content", .string(name)), ("special", .boolean(true))])
            )
        }
        return names.members.filter { $0.0 != "unk_token" } + [("added_tokens_decoder", .object(tokens))]
    }
}
