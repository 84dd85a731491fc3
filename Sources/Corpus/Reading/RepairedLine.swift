/// A line of JSON in which U+FFFD replaces everything that its writer left broken: bytes that are not UTF-8, and halves of
/// surrogate pairs that stand alone (`"\ud83d"`), as Python writes them. `errors="replace"` of Python does the same.
struct RepairedLine {
    private(set) var bytes: [UInt8]
    private(set) var invalidBytes = 0
    private(set) var loneSurrogates = 0

    var isChanged: Bool { invalidBytes + loneSurrogates > 0 }

    init(_ line: [UInt8]) {
        bytes = line
        invalidBytes = invalidByteCount(line.span)
        if invalidBytes > 0 { bytes = Array(String(decoding: line, as: UTF8.self).utf8) }
        replaceLoneSurrogates()
    }

    private mutating func replaceLoneSurrogates() {
        var position = 0
        while position < bytes.count {
            guard bytes[position] == UInt8(ascii: "\\") else {
                position += 1
                continue
            }
            guard let unit = codeUnit(at: position), UTF16.isSurrogate(unit) else {
                // The escape and the character behind it: a backslash there begins nothing.
                position += 2
                continue
            }
            if UTF16.isLeadSurrogate(unit), let next = codeUnit(at: position + 6), UTF16.isTrailSurrogate(next) {
                position += 12
                continue
            }
            bytes.replaceSubrange(position + 2..<position + 6, with: "FFFD".utf8)
            loneSurrogates += 1
            position += 6
        }
    }

    /// Of the escape `\uXXXX` that begins at `position`, if one does.
    private func codeUnit(at position: Int) -> UInt16? {
        guard position + 6 <= bytes.count, bytes[position..<position + 2].elementsEqual("\\u".utf8) else { return nil }
        let digits = bytes[position + 2..<position + 6]
        guard digits.allSatisfy({ Unicode.Scalar($0).properties.isASCIIHexDigit }) else { return nil }
        return UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    }
}
