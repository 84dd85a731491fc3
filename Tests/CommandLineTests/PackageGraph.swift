import Foundation

/// The package's targets, as `swift package describe` tells them.
struct PackageGraph: Decodable {
    struct Target: Decodable {
        let name: String
        /// Folder of the target, relative to the package.
        let path: String
        /// Source files, relative to ``path``.
        let sources: [String]
        /// Targets of this package that it depends on; absent where there are none.
        var dependencies: [String]?

        enum CodingKeys: String, CodingKey {
            case name, path, sources
            case dependencies = "target_dependencies"
        }
    }

    var targets: [Target]

    /// Asks the package manager. It gets a scratch folder of its own: the usual one is locked while tests run.
    static func described() throws -> PackageGraph {
        try withTemporaryFolder { scratch in
            let arguments = ["swift", "package", "--scratch-path", scratch.path, "describe", "--type", "json"]
            let description = try run(URL(fileURLWithPath: "/usr/bin/env"), arguments)
            return try JSONDecoder().decode(PackageGraph.self, from: Data(description.output.utf8))
        }
    }

    /// The targets that `name` depends on, directly or through others, with itself.
    func reachable(from name: String) -> Set<String> {
        let dependencies = Dictionary(uniqueKeysWithValues: targets.map { ($0.name, $0.dependencies ?? []) })
        var found: Set<String> = []
        var pending = [name]
        while let next = pending.popLast() {
            if found.insert(next).inserted { pending += dependencies[next] ?? [] }
        }
        return found
    }

    /// The files that are compiled into `names`, symbolic links followed.
    func sources(of names: Set<String>) -> Set<String> {
        var files: Set<String> = []
        for target in targets where names.contains(target.name) {
            let folder = packageFolder.appendingPathComponent(target.path)
            files.formUnion(target.sources.map { folder.appendingPathComponent($0).resolvingSymlinksInPath().path })
        }
        return files
    }

    /// The targets of `forbidden` that `name` reaches, and source files of theirs.
    func trespasses(of name: String, into forbidden: Set<String>) -> Set<String> {
        let reached = reachable(from: name)
        return reached.intersection(forbidden).union(sources(of: reached).intersection(sources(of: forbidden)))
    }
}
