import Storage
import SystemPackage

extension ParameterArena {
    /// Takes over the parameters that a Hugging Face folder has under the same names; the others stay as they are.
    ///
    /// An auxiliary of fewer layers gives a discriminator its embeddings and lower layers.
    ///
    /// - Throws: ``ModelError`` where a shape differs, or the folder's model has nothing in common with this one.
    public func readShared(from folder: FilePath) throws {
        let file = try SafetensorsFile(folder.appending(SafetensorsFile.weightsName))
        let missing = try read(from: file)
        if missing.count == layout.tensors.reduce(0, { $0 + $1.parts.count }) {
            throw ModelError(.missingTensor(layout.tensors[0].parts[0].name), file.path)
        }
    }
}
