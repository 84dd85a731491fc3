import Testing

@Suite("What depends on what")
struct PackageGraphTests {
    let graph: PackageGraph

    init() throws {
        graph = try PackageGraph.described()
    }

    static let generator: Set<String> = ["Generate", "Auxiliary"]

    /// The promise of the whole package: training replays shards and never loads, links or runs a generator.
    @Test func trainingReachesNoGenerator() {
        #expect(graph.targets.contains { $0.name == "Train" && !$0.sources.isEmpty })
        for target in Self.generator { #expect(!graph.sources(of: [target]).isEmpty) }
        #expect(graph.trespasses(of: "Train", into: Self.generator) == [])
    }

    /// Others can read and write shards without the encoder and without arithmetic.
    @Test func theFormatStandsAlone() {
        #expect(graph.targets.contains { $0.name == "Format" && !$0.sources.isEmpty })
        #expect(graph.trespasses(of: "Format", into: ["CKernels", "Encoder", "Kernels"]) == [])
    }

    /// The check has teeth: an edge added to what training depends on, and a source file shared with it, are both found.
    @Test(arguments: ["Train", "Encoder", "Storage"])
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
