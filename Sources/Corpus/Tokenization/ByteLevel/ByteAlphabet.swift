/// The characters that stand for bytes in the vocabulary of a byte-level tokenizer.
///
/// A byte that is a printable character of Latin-1 stands for itself, each other one for the next character from U+0100 on
/// (`bytes_to_unicode` of GPT-2's `encoder.py`): so a space is Ġ.
enum ByteAlphabet {
    /// By byte.
    static let scalars: [Unicode.Scalar] = {
        var free: UInt32 = 0x100
        return (UInt32(0)..<256).map { byte in
            if (0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte) || (0xAE...0xFF).contains(byte) {
                return Unicode.Scalar(UInt8(byte))
            }
            defer { free += 1 }
            return Unicode.Scalar(free) ?? "\u{FFFD}"
        }
    }()

    private static let bytes = Dictionary(
        uniqueKeysWithValues: scalars.enumerated().map { ($1, UInt8($0)) })

    /// The bytes that a token stands for; nil where it has a character that stands for none.
    static func bytes(of token: ArraySlice<UInt8>) -> [UInt8]? {
        var result: [UInt8] = []
        for scalar in String(decoding: token, as: UTF8.self).unicodeScalars {
            guard let byte = bytes[scalar] else { return nil }
            result.append(byte)
        }
        return result
    }
}
