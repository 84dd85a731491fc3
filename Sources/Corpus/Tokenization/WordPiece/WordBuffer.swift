/// The word being read, as UTF-8. Of a word that gets too long only the length is kept.
struct WordBuffer: ~Copyable, ~Escapable {
    private var storage: MutableSpan<UInt8>
    private var byteCount = 0
    private var scalarCount = 0
    /// Marks at the end of the word that may still trade places, in canonical order so far.
    private var marks: [(scalar: UInt32, combiningClass: UInt32)] = []

    @_lifetime(copy storage)
    init(_ storage: consuming MutableSpan<UInt8>) { self.storage = storage }

    var isEmpty: Bool { scalarCount == 0 && marks.isEmpty }

    /// Whether the word has more scalars than are kept.
    var isTooLong: Bool { scalarCount > WordSplitter.longestWord }

    var bytes: Span<UInt8> {
        @_lifetime(borrow self) get { storage.span.extracting(first: byteCount) }
    }

    mutating func clear() {
        byteCount = 0
        scalarCount = 0
        marks.removeAll(keepingCapacity: true)
    }

    @inline(__always)
    mutating func append(ascii byte: UInt8) {
        settleMarks()
        scalarCount += 1
        guard scalarCount <= WordSplitter.longestWord else { return }
        storage[byteCount] = byte
        byteCount += 1
    }

    mutating func append(_ scalar: UInt32) {
        settleMarks()
        write(scalar)
    }

    /// Appends a mark of a combining class above 0 in canonical order: after those of its class or a lower one.
    mutating func append(mark scalar: UInt32, combiningClass: UInt32) {
        // Too long already: the order of marks that are not kept does not matter.
        guard scalarCount + marks.count <= WordSplitter.longestWord else { return write(scalar) }
        let place = marks.firstIndex { $0.combiningClass > combiningClass } ?? marks.count
        marks.insert((scalar, combiningClass), at: place)
    }

    /// Gives the marks at the end their final places.
    @inline(__always)
    mutating func settleMarks() {
        if marks.isEmpty { return }
        for mark in marks { write(mark.scalar) }
        marks.removeAll(keepingCapacity: true)
    }

    private mutating func write(_ scalar: UInt32) {
        scalarCount += 1
        guard scalarCount <= WordSplitter.longestWord, let scalar = Unicode.Scalar(scalar) else { return }
        for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
            storage[byteCount] = byte
            byteCount += 1
        }
    }
}
