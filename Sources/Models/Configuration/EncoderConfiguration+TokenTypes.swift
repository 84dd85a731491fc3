extension EncoderConfiguration {
    /// Where token type 1 begins in a sequence whose second segment begins there: nowhere in a model that does not know two types, nor
    /// where there is one segment, which 0 says.
    public func knownSegment(_ secondSegment: Int) -> Int? {
        tokenTypeCount > 1 && secondSegment > 0 ? secondSegment : nil
    }
}
