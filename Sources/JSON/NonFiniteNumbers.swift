import FoundationEssentials

// JSON has no numbers for a loss that diverged, and those who read it want it nevertheless.

extension JSONEncoder.NonConformingFloatEncodingStrategy {
    /// As the texts "inf", "-inf" and "nan".
    package static var spelledOut: Self {
        .convertToString(positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    }
}

extension JSONDecoder.NonConformingFloatDecodingStrategy {
    /// As the texts "inf", "-inf" and "nan".
    package static var spelledOut: Self {
        .convertFromString(positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    }
}
