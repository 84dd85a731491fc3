/// Who has to act on a failure; decides the exit code of the command line.
public enum Blame: Sendable, Hashable {
    /// The data handed in is wrong: exit code 65 (`EX_DATAERR`).
    case data
    /// The machine failed us (disk full, no permission, file gone): exit code 1.
    case environment
    /// The request makes no sense: exit code 64 (`EX_USAGE`).
    case usage
}

/// An error that tells a person the problem, the place and the remedy.
///
/// Each module has its own error type with its own kinds; this is the part that they have in common, and all that the
/// command line needs to print one.
public protocol ExplainedError: Error, CustomStringConvertible {
    var blame: Blame { get }
    /// The problem, in one sentence without a full stop, with the values that disagree.
    var problem: String { get }
    /// Where: a file, and in it a byte offset, line or sequence.
    var location: ErrorLocation? { get }
    /// The advice to the person.
    var remedy: String { get }
}

extension ExplainedError {
    public var description: String {
        let place = location.map { "\($0): " } ?? ""
        return "\(place)\(problem). \(remedy)."
    }
}

/// A place in a file.
public struct ErrorLocation: Sendable, Hashable, CustomStringConvertible {
    public enum Spot: Sendable, Hashable {
        case byte(UInt64)
        case line(Int)
        case sequence(UInt64)
        case name(String)
    }

    public var file: String
    public var spot: Spot?

    public init(file: String, _ spot: Spot? = nil) {
        self.file = file
        self.spot = spot
    }

    public var description: String {
        switch spot {
        case nil: file
        case .byte(let offset): "\(file), byte \(offset)"
        case .line(let line): "\(file), line \(line)"
        case .sequence(let index): "\(file), sequence \(index)"
        case .name(let name): "\(file), \(name)"
        }
    }
}
