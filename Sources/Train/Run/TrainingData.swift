import CLibrary
import Format
import Replay
import Storage
import SystemPackage
import Training

/// Data sets that a run trains on together, and in which proportions their sequences come by.
public struct TrainingData: Sendable {
    /// In which proportions sequences come by.
    public enum Proportions: Sendable, Hashable {
        /// As many of each data set as it has.
        case natural
        /// [data sets] Sequences of each data set, relative to one another; each above 0.
        case weights([Double])
        /// Tokens of a source are drawn in proportion to the power of their number, whatever data sets they are in. 1 is natural, 0
        /// gives all sources as much.
        case sources(power: Double)
    }

    public let datasets: [Dataset]
    public let proportions: Proportions
    /// Names of where sequences come from, of all data sets together.
    public let sourceNames: [String]
    /// The streams that are visited in epochs of their own.
    let streams: [Stream]
    /// [data sets][sources of its header] Indices into ``sourceNames``.
    let sourceIndices: [[Int]]

    struct Stream: Sendable {
        /// Its name for people.
        let name: String
        /// Index into ``datasets``.
        let dataset: Int
        let replay: ReplayStream
        /// Sequences of it, relative to those of the others.
        let weight: Double
    }

    /// One data set, each of whose sequences comes by once an epoch.
    public init(_ dataset: Dataset) {
        datasets = [dataset]
        proportions = .natural
        sourceNames = dataset.header.sources
        sourceIndices = [Array(dataset.header.sources.indices)]
        streams = [Stream(name: "", dataset: 0, replay: ReplayStream(dataset), weight: 1)]
    }

    /// - Parameter datasets: at least one. They share the vocabulary and its special tokens.
    /// - Throws: ``TrainingError`` where they do not, or where a data set is given twice; `ShardError`.
    public init(_ datasets: [Dataset], _ proportions: Proportions) throws {
        if datasets.count == 1, proportions == .natural {
            self = TrainingData(datasets[0])
            return
        }
        self.datasets = datasets
        self.proportions = proportions
        for (index, dataset) in datasets.enumerated().dropFirst() {
            if let difference = dataset.header.vocabularyDifference(from: datasets[0].header) {
                throw TrainingError(
                    .mismatch(
                        difference.name, here: difference.own, there: difference.other, datasets[0].folder.string),
                    dataset.folder)
            }
            let fingerprint = dataset.manifest.fingerprint
            if let other = datasets[..<index].first(where: { $0.manifest.fingerprint == fingerprint }) {
                throw TrainingError(.sameShards(other.folder.string), dataset.folder)
            }
        }
        // A data set whose source has no name is a source by itself.
        let datasetNames = Self.names(of: datasets)
        var names: [String] = []
        sourceIndices = zip(datasets, datasetNames).map { dataset, datasetName in
            dataset.header.sources.map { source in
                let name = source.isEmpty && datasets.count > 1 ? datasetName : source
                if let index = names.firstIndex(of: name) { return index }
                names.append(name)
                return names.count - 1
            }
        }
        sourceNames = names
        switch proportions {
        case .natural:
            streams = Self.streams(of: datasets, named: datasetNames, datasets.map { Double($0.entryCount) })
        case .weights(let weights):
            precondition(weights.count == datasets.count)
            streams = Self.streams(of: datasets, named: datasetNames, weights)
        case .sources(let power):
            streams = try Self.streams(of: datasets, datasetNames, names, sourceIndices, power: power)
        }
    }

    /// Folders' names; of data sets whose folders have the same name, their paths.
    private static func names(of datasets: [Dataset]) -> [String] {
        let names = datasets.map { $0.folder.lastComponent?.string ?? $0.folder.string }
        return zip(datasets, names).map { dataset, name in
            names.count { $0 == name } > 1 ? dataset.folder.string : name
        }
    }

    private static func streams(of datasets: [Dataset], named names: [String], _ weights: [Double]) -> [Stream] {
        datasets.indices.map {
            Stream(name: names[$0], dataset: $0, replay: ReplayStream(datasets[$0]), weight: weights[$0])
        }
    }

    /// A source's share of the tokens is n^power, n its tokens in all data sets. Its sequences are drawn evenly.
    private static func streams(
        of datasets: [Dataset], _ datasetNames: [String], _ names: [String], _ sourceIndices: [[Int]], power: Double
    ) throws -> [Stream] {
        let parts = try datasets.map { try ReplayStream.bySource($0) }
        var tokens = [Double](repeating: 0, count: names.count)
        func index(_ dataset: Int, _ stream: ReplayStream) -> Int { sourceIndices[dataset][stream.source ?? 0] }
        for (dataset, streams) in parts.enumerated() {
            for stream in streams { tokens[index(dataset, stream)] += Double(stream.tokenCount) }
        }
        return parts.enumerated().flatMap { dataset, streams in
            streams.map { stream in
                let source = index(dataset, stream)
                let name = names[source]
                let isShared = sourceIndices.count { $0.contains(source) } > 1
                return Stream(
                    name: isShared ? "\(datasetNames[dataset])/\(name)" : name, dataset: dataset, replay: stream,
                    weight: pow(tokens[source], power - 1) * Double(stream.sequenceCount))
            }
        }
    }

    /// Whether sequences come by in the order of one data set's epochs.
    var isOneStream: Bool { streams.count == 1 }

    public var entryCount: UInt64 { datasets.reduce(0) { $0 + $1.entryCount } }
    public var tokenCount: UInt64 { datasets.reduce(0) { $0 + $1.counts.tokens } }
    /// Tokens of the longest sequence that there may be.
    public var maximumLength: Int { datasets.reduce(0) { max($0, $1.header.maximumLength) } }
    /// Visits that are independent draws of every data set; `nil` where all logits are kept, so that every visit is one.
    public var visitCount: Int? { datasets.map(\.header.visitCount).filter { $0 > 0 }.min() }
    /// The vocabulary and the special tokens of all of them.
    public var header: ShardHeader { datasets[0].header }
}

extension ShardHeader {
    /// The difference between the vocabularies of two data sets, if there is one.
    func vocabularyDifference(from other: ShardHeader) -> (name: String, own: String, other: String)? {
        if vocabularySize != other.vocabularySize {
            return ("the vocabulary size", "\(vocabularySize)", "\(other.vocabularySize)")
        }
        if vocabularySHA256 != other.vocabularySHA256 {
            return ("the vocabulary's SHA-256", vocabularySHA256, other.vocabularySHA256)
        }
        if specialTokens != other.specialTokens {
            return ("the special tokens' ids", "\(specialTokens)", "\(other.specialTokens)")
        }
        return nil
    }
}
