import Foundation
import Testing

/// The promises of `docs/house.md` and CONTRIBUTING about the sources.
@Suite("The house") struct HouseTests {
    /// The rows of the first table of a Markdown text whose header is `header`, without backticks. A row whose first cell is empty
    /// goes on with the cells of the row before it, because lines have 120 columns at most.
    private func table(_ header: String, in file: String) throws -> [[String]] {
        let lines = try text(file).split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex { $0.hasPrefix(header) })
        var rows: [[String]] = []
        for line in lines[(start + 2)...].prefix(while: { $0.hasPrefix("|") }) {
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast().map {
                $0.trimmingCharacters(in: CharacterSet(charactersIn: " `"))
            }
            if cells[0].isEmpty, let last = rows.indices.last {
                rows[last] = zip(rows[last], cells).map { before, more in more.isEmpty ? before : "\(before) \(more)" }
            } else {
                rows.append(cells)
            }
        }
        return rows
    }

    private func text(_ file: String) throws -> String {
        try String(contentsOf: packageFolder.appendingPathComponent(file), encoding: .utf8)
    }

    /// Files below `folder` whose names have one of the endings, with their texts.
    private func files(in folder: String, endings: [String] = [".swift"]) throws -> [(path: String, text: String)] {
        let paths = try FileManager.default.subpathsOfDirectory(
            atPath: packageFolder.appendingPathComponent(folder).path)
        return try paths.filter { path in endings.contains { path.hasSuffix($0) } && !path.contains(".build") }.sorted()
            .filter { !packageFolder.appendingPathComponent("\(folder)/\($0)").hasDirectoryPath }
            .map { ("\(folder)/\($0)", try text("\(folder)/\($0)")) }
    }

    /// The sources of libraries: all but those of programs.
    private func librarySources() throws -> [(path: String, text: String)] {
        let programs = ["FastElectra", "TokenizerProbe", "ConformanceProbe"].map { "Sources/\($0)/" }
        return try files(in: "Sources").filter { file in !programs.contains { file.path.hasPrefix($0) } }
    }

    @Test func thePageHasTheEdgesOfTheGraph() throws {
        let targets = try PackageGraph.described().targets.filter {
            $0.path.hasPrefix("Sources/") && !$0.sources.isEmpty
        }
        let described = Dictionary(uniqueKeysWithValues: targets.map { ($0.name, ($0.dependencies ?? []).sorted()) })
        let rows = try table("| room |", in: "docs/house.md")
        let told = Dictionary(
            uniqueKeysWithValues: rows.map { ($0[0], $0[2].split(separator: ", ").map(String.init).sorted()) })
        #expect(Set(told.keys) == Set(described.keys))
        for (room, edges) in told { #expect(edges == described[room], "\(room)") }
    }

    /// No edge without an import, no import without an edge.
    @Test func edgesAreImports() throws {
        let targets = try PackageGraph.described().targets
        let names = Set(targets.map(\.name))
        for target in targets where target.sources.contains(where: { $0.hasSuffix(".swift") }) {
            let imports = try target.sources.flatMap { source in
                try text("\(target.path)/\(source)").matches(of: /(?m)^ *(?:[@a-z]+ )?import (\w+)/).map {
                    String($0.1)
                }
            }
            // The tests of the command line run the program.
            let edges = Set(target.dependencies ?? []).subtracting(["FastElectra"])
            #expect(edges == Set(imports).intersection(names), "\(target.name)")
        }
    }

    @Test(arguments: ["docs/house.md", "CONTRIBUTING.md"])
    func namedFilesExist(page: String) throws {
        let named = try text(page).matches(of: /`([\w+]+\/[\w+\/.]*\.(?:swift|c|h|js|md))`/).map { String($0.1) }
        #expect(named.count > 10)
        for file in named where !file.contains("NAME") {
            let places = [file, "Sources/" + file].map { packageFolder.appendingPathComponent($0).path }
            #expect(places.contains(where: FileManager.default.fileExists), "\(file) in \(page)")
        }
    }

    @Test func tenTasksHaveTheirRooms() throws {
        let rows = try table("| task |", in: "CONTRIBUTING.md")
        #expect(rows.count == 10)
        for row in rows { #expect(row[1].contains(/\w\/\w/), "\(row[0])") }
    }

    /// Only the command line words their messages for the command line.
    @Test func librariesNameNoOption() throws {
        for (path, text) in try librarySources() {
            for line in text.split(separator: "\n") where line.contains(/^[^\/]*"[^"]*--[a-z]/) {
                Issue.record("\(path): \(line)")
            }
        }
    }

    @Test func noPublicTypeHasTheNameOfAnother() throws {
        var rooms: [String: Set<String>] = [:]
        for (path, text) in try librarySources() {
            let pattern =
                /(?m)^(?:public|package) (?:final |indirect )*(?:struct|class|enum|protocol|actor|typealias) (\w+)/
            for match in text.matches(of: pattern) {
                rooms[String(match.1), default: []].insert(path.split(separator: "/").map(String.init)[1])
            }
        }
        #expect(rooms.count > 100)
        for (name, places) in rooms where places.count > 1 { Issue.record("\(name): \(places.sorted())") }
    }

    /// One thing has one name.
    @Test func aGeneratorHasNoOtherName() throws {
        let formerName = "auxil" + "iary"
        let places = ["Sources", "Tests", "docs", "data", "Benchmarks", "conformance", "python"]
        for place in places {
            for (path, text) in try files(
                in: place, endings: [".swift", ".md", ".py", "demo", "ledger", ".json", ".js"])
            {
                #expect(!text.lowercased().contains(formerName) && !path.contains(formerName), "\(path)")
            }
        }
    }

    /// The products that an engineer's own package needs to write and to replay shards.
    @Test func theExampleStandsOnFourRooms() throws {
        let manifest = try text("Examples/Package.swift")
        let products = manifest.matches(of: /\.product\(name: "(\w+)"/).map { String($0.1) }
        #expect(products.sorted() == ["Distillation", "Format", "Random", "Replay"])
        #expect(!manifest.contains("unsafeFlags") && !manifest.contains("swiftSettings"))
        let lines = try files(in: "Examples/Sources").flatMap { $0.text.split(separator: "\n") }
        #expect(lines.filter { !$0.trimmingCharacters(in: .whitespaces).hasPrefix("//") }.count <= 50)
    }
}
