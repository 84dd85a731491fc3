/// An error of another module that can stand for a failed system call.
public protocol FileErrorBearer: ExplainedError {
    init(_ error: FileError)
}

extension FileErrorBearer {
    /// Does something with a file; its failure is told as this module's own.
    package static func rethrowing<Result>(
        _ operation: @autoclosure () throws(FileError) -> Result
    ) throws(Self) -> Result {
        do { return try operation() } catch { throw Self(error) }
    }
}
