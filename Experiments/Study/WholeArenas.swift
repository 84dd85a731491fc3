import Kernels
import Models
import Storage
import SystemPackage
import Training

extension ParameterArena {
    /// Writes a Hugging Face folder.
    ///
    /// - Parameter tokenizer: the folder whose tokenizer the model uses.
    package func write(
        _ architecture: Architecture, _ shape: EncoderConfiguration, tokenizer: FilePath, to folder: FilePath
    ) throws {
        try Folder(folder).create()
        try HuggingFaceFolder.copyTokenizer(from: tokenizer, to: folder)
        try ModelConfiguration(architecture: architecture, encoder: shape)
            .write(to: folder.appending(ModelConfiguration.fileName))
        try write(to: folder.appending(SafetensorsFile.weightsName))
    }

    var sumOfSquares: Double {
        let values = values
        return Rows.sumOfSquares(values.span)
    }
}

extension AdamW {
    /// Updates some tensors, or all, on this thread.
    func update(
        _ parameters: ParameterArena, with gradients: ParameterArena, of tensors: some Sequence<Tensor>,
        gradientScale: Float, learningRate: Float, step: Int
    ) {
        for tensor in tensors {
            update(
                parameters, with: gradients, in: tensor.range, of: tensor, gradientScale: gradientScale,
                learningRate: learningRate, step: step)
        }
    }
}
