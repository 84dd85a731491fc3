import Corpus
import Storage
import SystemPackage
import Testing

@Suite struct VocabularyTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    static let special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]

    @Test func numbersTokensInOrder() throws {
        let vocabulary = try Vocabulary(["a", "[UNK]", "[PAD]", "[MASK]", "[SEP]", "##b", "[CLS]"])
        #expect(vocabulary.count == 7)
        #expect(vocabulary.id(of: "##b") == 5)
        #expect(vocabulary.id(of: "b") == nil)
        #expect(vocabulary.token(0) == "a")
        let special = vocabulary.special
        #expect(
            [special.padding, special.unknown, special.classification, special.separator, special.mask]
                == [2, 1, 6, 4, 3])
        #expect((0..<7).filter(special.contains) == [1, 2, 3, 4, 6])
    }

    @Test func writesWhatItReads() throws {
        let bytes = try RandomAccessFile.contents(of: golden("vocab.txt"))
        let vocabulary = try Vocabulary(contentsOf: golden("vocab.txt"))
        #expect(vocabulary.canonicalBytes == bytes)
        let copy = folder.path.appending("copy.txt")
        try vocabulary.write(to: copy)
        #expect(try RandomAccessFile.contents(of: copy) == bytes)
        for id in 0..<Int32(vocabulary.count) { #expect(vocabulary.id(of: vocabulary.token(id)) == id) }
    }

    @Test func readsLinesOfAnyKind() throws {
        let unix = try Vocabulary(contentsOf: folder.write("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na", to: "unix"))
        let windows = try Vocabulary(
            contentsOf: folder.write("[PAD]\r\n[UNK]\r\n[CLS]\r\n[SEP]\r\n[MASK]\r\na\r\n", to: "windows"))
        #expect(unix.canonicalBytes == windows.canonicalBytes)
        #expect(unix.count == 6)
    }

    @Test func refusesWhatCannotBeAVocabulary() throws {
        func kind(of text: String) throws -> CorpusError.Kind? {
            let path = try folder.write(text, to: "vocab.txt")
            return #expect(throws: CorpusError.self) { try Vocabulary(contentsOf: path) }?.kind
        }
        #expect(try kind(of: "") == .emptyVocabulary)
        #expect(try kind(of: "[PAD]\n[UNK]\n[CLS]\n[SEP]\na\n") == .missingSpecialToken("[MASK]"))
        let special = Self.special.joined(separator: "\n")
        #expect(try kind(of: special + "\na\nb\na\n") == .duplicateToken("a"))
        #expect(try kind(of: special + "\na\rb\n") == .unwritableToken("a\rb"))

        let invalid = try folder.write(Array(special.utf8) + [0x0A, 0x61, 0xFF], to: "invalid")
        let error = #expect(throws: CorpusError.self) { try Vocabulary(contentsOf: invalid) }
        #expect(error?.kind == .invalidUTF8)
        #expect(error?.location == ErrorLocation(file: invalid.string, .line(6)))

        let missing = #expect(throws: CorpusError.self) { try Vocabulary(contentsOf: folder.path.appending("none")) }
        #expect(missing?.kind == .file)
        #expect(missing?.blame == .environment)
        let line = #expect(throws: CorpusError.self) { try Vocabulary(Self.special + ["a\nb"]) }
        #expect(line?.kind == .unwritableToken("a\nb"))
    }
}
