/// Why the kernels that the environment names cannot be used.
public struct KernelError: Error, Hashable, CustomStringConvertible {
    public enum Kind: Sendable, Hashable {
        case unknown
        case unavailable
    }

    public let kind: Kind
    public let name: String

    public var problem: String {
        switch kind {
        case .unknown: "\(KernelSet.variable) is '\(name)', which names no set of kernels"
        case .unavailable: "\(KernelSet.variable) is '\(name)', which this machine cannot use"
        }
    }

    public var remedy: String {
        "Unset \(KernelSet.variable), or set it to "
            + KernelSet.available.map(\.rawValue).joined(separator: " or ")
    }

    public var description: String { "\(problem). \(remedy)" }
}
