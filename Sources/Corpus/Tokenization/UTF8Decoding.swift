/// The scalar that starts at `position`, and where the next one starts.
///
/// Bytes that are not valid UTF-8 read as U+FFFD, one for each maximal part of a sequence, as Python's
/// `errors="replace"` and Unicode's recommended practice have it.
@inline(__always)
func decodeScalar(_ bytes: Span<UInt8>, at position: Int) -> (scalar: UInt32, next: Int) {
    let lead = bytes[position]
    if lead < 0x80 { return (UInt32(lead), position + 1) }
    let replacement: UInt32 = 0xFFFD
    let length: Int
    // The second byte's range keeps out overlong forms, surrogates and scalars beyond U+10FFFF.
    var second: ClosedRange<UInt8> = 0x80...0xBF
    switch lead {
    case 0xC2...0xDF: length = 2
    case 0xE0: (length, second) = (3, 0xA0...0xBF)
    case 0xED: (length, second) = (3, 0x80...0x9F)
    case 0xE1...0xEF: length = 3
    case 0xF0: (length, second) = (4, 0x90...0xBF)
    case 0xF4: (length, second) = (4, 0x80...0x8F)
    case 0xF1...0xF3: length = 4
    default: return (replacement, position + 1)
    }
    var scalar = UInt32(lead) & (0x7F >> UInt32(length))
    for i in 1..<length {
        let at = position + i
        guard at < bytes.count, (i == 1 ? second : 0x80...0xBF).contains(bytes[at]) else { return (replacement, at) }
        scalar = scalar << 6 | UInt32(bytes[at] & 0x3F)
    }
    return (scalar, position + length)
}

/// Whether `bytes` are valid UTF-8.
func isUTF8(_ bytes: Span<UInt8>) -> Bool {
    var position = 0
    while position < bytes.count {
        if bytes[position] < 0x80 {
            position += 1
            continue
        }
        let (scalar, next) = decodeScalar(bytes, at: position)
        // A U+FFFD of its own has three bytes, EF BF BD; a broken sequence has at most three, and another lead.
        if scalar == 0xFFFD, next != position + 3 || bytes[position] != 0xEF { return false }
        position = next
    }
    return true
}

/// How many of `bytes` belong to no character of valid UTF-8.
func invalidByteCount(_ bytes: Span<UInt8>) -> Int {
    var count = 0
    var position = 0
    while position < bytes.count {
        let (scalar, next) = decodeScalar(bytes, at: position)
        // A U+FFFD of its own has three bytes, EF BF BD; a broken sequence has another lead.
        if scalar == 0xFFFD, next != position + 3 || bytes[position] != 0xEF { count += next - position }
        position = next
    }
    return count
}
