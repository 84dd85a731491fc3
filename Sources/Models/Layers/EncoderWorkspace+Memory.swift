extension EncoderWorkspace {
    /// Bytes of the buffers that a workspace allocates.
    ///
    /// Counted with the same numbers as ``init(_:tokenCapacity:longestSequence:use:)``; a test compares the two.
    public static func byteCount(
        _ configuration: EncoderConfiguration, tokenCapacity n: Int, longestSequence: Int, use: Use
    ) -> Int {
        let (hidden, intermediate) = (configuration.hiddenSize, configuration.intermediateSize)
        let embedding = configuration.embeddingSize
        let square = longestSequence * longestSequence
        let layer = n * (8 * hidden + intermediate + 2) + configuration.attentionHeadCount * n * longestSequence
        let layers = use == .training ? configuration.layerCount : 1
        let embeddings = n * (2 * embedding + 1 + (configuration.projectsEmbeddings ? hidden : 0))
        let gradients = use == .training ? n * (6 * hidden + intermediate + embedding) + square : 0
        return (layers * layer + embeddings + n * intermediate + square + gradients) * MemoryLayout<Float>.stride
    }
}
