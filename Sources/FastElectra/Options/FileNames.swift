import ArgumentParser
import SystemPackage

/// The names that stand side by side behind one option.
///
/// ArgumentParser copies an option's values with each that it adds to them: 40,000 names took a minute. Therefore they are
/// joined to one value before it sees them.
struct FileNames: ExpressibleByArgument {
    let paths: [FilePath]

    /// No argument has it inside: the system's end there.
    private static let separator: Character = "\0"

    init?(argument: String) {
        guard !argument.isEmpty else { return nil }
        paths = argument.split(separator: Self.separator).map { FilePath(String($0)) }
    }

    /// A command line with the names behind each of some options joined.
    static func joining(_ arguments: [String], behind options: [String] = ["--text", "--ids", "--pairs"]) -> [String] {
        var joined: [String] = []
        var names: [String] = []
        var areNames = false
        for (index, argument) in arguments.enumerated() {
            // The words that ArgumentParser takes for names. Empty ones are left out, because it refuses them.
            if areNames, !argument.isEmpty, !argument.hasPrefix("-") {
                names.append(argument)
                continue
            }
            if !names.isEmpty { joined.append(names.joined(separator: String(separator))) }
            names = []
            if argument == "--" { return joined + arguments[index...] }
            joined.append(argument)
            areNames = options.contains { argument == $0 || argument.hasPrefix($0 + "=") }
        }
        return names.isEmpty ? joined : joined + [names.joined(separator: String(separator))]
    }
}
