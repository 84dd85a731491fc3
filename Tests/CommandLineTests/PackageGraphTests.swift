import Testing

@Suite("What depends on what")
struct PackageGraphTests {
    let graph: PackageGraph

    init() throws {
        graph = try PackageGraph.described()
    }

    static let generator: Set<String> = ["Generate", "GeneratorTraining"]

    /// The promise of the whole package: training replays shards and never loads, links or runs a generator.
    @Test func trainingReachesNoGenerator() {
        #expect(graph.targets.contains { $0.name == "Train" && !$0.sources.isEmpty })
        for target in Self.generator { #expect(!graph.sources(of: [target]).isEmpty) }
        #expect(graph.trespasses(of: "Train", into: Self.generator) == [])
    }

    /// Others can write shards of logits of their own, and replay them, without a model.
    @Test(arguments: ["Random", "Format", "Distillation", "Replay"])
    func shardsNeedNoModel(library: String) {
        #expect(graph.targets.contains { $0.name == library && !$0.sources.isEmpty })
        let forbidden: Set<String> = ["Corpus", "Kernels", "Models", "Training"]
        for target in forbidden { #expect(!graph.sources(of: [target]).isEmpty) }
        #expect(graph.trespasses(of: library, into: forbidden) == [])
    }

    /// The check has teeth: an edge added to a target that training depends on, and a source file shared with it, are
    /// both found.
    @Test(arguments: ["Train", "Models", "Storage"])
    func findsAnAddedEdge(dependent: String) throws {
        var doctored = graph
        let index = try #require(doctored.targets.firstIndex { $0.name == dependent })
        doctored.targets[index].dependencies = (doctored.targets[index].dependencies ?? []) + ["Generate"]
        let found = doctored.trespasses(of: "Train", into: Self.generator)
        #expect(found.contains("Generate"))
        #expect(found.isSuperset(of: doctored.sources(of: ["Generate"])))
    }

    @Test func findsASharedSource() throws {
        let generator = try #require(graph.targets.first { $0.name == "Generate" })
        let thief = PackageGraph.Target(
            name: "Thief", path: generator.path, sources: [try #require(generator.sources.first)], dependencies: nil)
        var doctored = graph
        doctored.targets.append(thief)
        let index = try #require(doctored.targets.firstIndex { $0.name == "Train" })
        doctored.targets[index].dependencies = (doctored.targets[index].dependencies ?? []) + ["Thief"]
        #expect(doctored.trespasses(of: "Train", into: Self.generator) == doctored.sources(of: ["Thief"]))
    }
}
