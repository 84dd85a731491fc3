import SystemPackage

extension ModelConfiguration {
    /// The configuration of a folder's model.
    ///
    /// Folders of 2019 have a `config.json` that names neither `architectures` nor `model_type`. Their tensors' names tell
    /// the architecture, and ``architectureIsInferred`` says that they did.
    ///
    /// - Throws: ``ModelError``, also where the names fit no architecture or several.
    public init(folder: FilePath) throws {
        let file = try ConfigurationFile(contentsOf: folder.appending(Self.fileName))
        if try file.strings("architectures")?.isEmpty == false {
            try self.init(file)
            return
        }
        let type = try file.string("model_type")
        let weights = try ModelWeights(folder: folder)
        let fitting = Architecture.allCases.filter { architecture in
            (type ?? architecture.family.modelType) == architecture.family.modelType
                && architecture.tellingTensors.allSatisfy { weights.tensors[$0] != nil }
        }
        // A type of model that is not supported is refused by its name.
        guard fitting.count == 1 else {
            if type != nil {
                try self.init(file)
                return
            }
            throw ModelError(.undefinedArchitecture(fitting: fitting.map(\.rawValue)), file.path)
        }
        try self.init(file, inferred: fitting[0])
    }

    /// The family of a folder whose `config.json` names none: its tensors' names tell it.
    static func family(toldByTensorsOf folder: FilePath) throws -> ModelFamily {
        let weights = try ModelWeights(folder: folder)
        let fitting = ModelFamily.all.filter { weights.tensors[$0.encoder.wordEmbeddings] != nil }
        guard fitting.count == 1 else {
            throw ModelError(.undefinedArchitecture(fitting: fitting.map(\.modelType)), folder.appending(fileName))
        }
        return fitting[0]
    }
}

extension Architecture {
    /// Names of tensors that a model has together if it is of this architecture: one of the encoder and one of the head.
    fileprivate var tellingTensors: [String] {
        let head =
            switch self {
            case .electraForPreTraining: "discriminator_predictions.dense.weight"
            case .electraForMaskedLM: "generator_predictions.dense.weight"
            case .bertForMaskedLM: "cls.predictions.transform.dense.weight"
            case .robertaForMaskedLM: "lm_head.dense.weight"
            case .distilBertForMaskedLM: "vocab_transform.weight"
            case .bertForSequenceClassification: "classifier.weight"
            case .electraForSequenceClassification, .robertaForSequenceClassification: "classifier.dense.weight"
            case .distilBertForSequenceClassification: "pre_classifier.weight"
            }
        return [family.encoder.wordEmbeddings, head]
    }
}
