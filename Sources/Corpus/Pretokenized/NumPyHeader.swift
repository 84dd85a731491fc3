import Storage

/// The values in the header of a `.npy` file (numpy.lib.format), versions 1 to 3: integers in one or two dimensions, row
/// after row.
struct NumPyHeader: Equatable {
    /// Bytes of a number: 1, 2, 4 or 8.
    var width: Int
    var isSigned: Bool
    var isBigEndian: Bool
    /// One or two sizes.
    var shape: [Int]

    static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
    /// Magic and version.
    static let prefixSize = 8

    /// How many bytes behind the version give the header's size; nil for a version that is not known.
    static func sizeWidth(version: (UInt8, UInt8)) -> Int? {
        switch version {
        case (1, 0): 2
        case (2, 0), (3, 0): 4
        default: nil
        }
    }

    /// Reads the dictionary, as Python writes it: `{'descr': '<i4', 'fortran_order': False, 'shape': (3, 4), }`.
    ///
    /// - Throws: The fault of the text, in words for people.
    init(parsing text: String) throws(Refusal) {
        let pattern =
            /\{'descr': '(?<type>[^']*)', 'fortran_order': (?<order>True|False), 'shape': \((?<shape>[0-9, ]*)\), ?\} *\n/
        guard let match = text.wholeMatch(of: pattern) else {
            throw Refusal("the header is not one of a plain array")
        }
        try self.init(type: match.type, shape: match.shape)
        if match.order == "True", shape.count > 1 {
            throw Refusal("the array lies column after column (fortran_order)")
        }
    }

    private init(type: Substring, shape text: Substring) throws(Refusal) {
        let refusal = Refusal("the type of its numbers is \(type), which is not an integer type")
        guard let (_, order, kind, digit) = type.wholeMatch(of: /([<>|=])([iu])([1248])/)?.output,
            let width = Int(digit), (order == "|") == (width == 1), order != "="
        else { throw refusal }
        self.width = width
        isSigned = kind == "i"
        isBigEndian = order == ">"
        // A tuple of one ends with a comma.
        var sizes = text.split(separator: ",", omittingEmptySubsequences: false).map { $0.filter { $0 != " " } }
        if sizes.count > 1, sizes.last == "" { sizes.removeLast() }
        shape = sizes.compactMap { Int($0) }
        guard shape.count == sizes.count, (1...2).contains(shape.count) else {
            throw Refusal("its shape is (\(text)), neither one dimension nor two")
        }
        let (total, isTooMany) = shape.reduce((width, false)) { product, size in
            let (value, overflow) = product.0.multipliedReportingOverflow(by: size)
            return (value, product.1 || overflow)
        }
        guard !isTooMany, total < 1 << 60 else { throw Refusal("its shape is (\(text)), more than a file holds") }
    }

    struct Refusal: Error {
        let reason: String
        init(_ reason: String) { self.reason = reason }
    }
}
