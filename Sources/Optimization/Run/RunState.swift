/// How far a run is.
public struct RunState: Codable, Sendable, Hashable {
    /// Updates done.
    public var step = 0
    /// Tokens that went through the model.
    public var tokenCount = 0
    /// Time spent in steps, in seconds, over all sessions of the run.
    public var seconds = 0.0
    /// The last line of the log.
    public var lastRecord: [String: Double] = [:]

    public init() {}

    public var tokensPerSecond: Double { seconds > 0 ? Double(tokenCount) / seconds : 0 }
}
