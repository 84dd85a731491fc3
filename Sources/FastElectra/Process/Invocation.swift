import Synchronization

/// The command line of this process, after a configuration file was read into it.
enum Invocation {
    private struct Words {
        var arguments: [String] = []
        var configuration: String?
        var command = ""
    }

    private static let words = Mutex(Words())

    /// Options that decide where and how a command works, and not its result.
    private static let circumstances: Set = ["--config", "--out", "--part", "--threads", "--progress", "--json", ""]

    /// Options that take one file or folder, and people may expect to take several, as --text does. The parser would take the
    /// last one without a word.
    private static let singleInputs: KeyValuePairs = [
        "--config": "Put the options into one file",
        "--train": "Put all examples into one file", "--test": "Put all examples into one file",
        "--eval-shards": "Name one folder",
    ]

    /// The arguments behind the command's name that decide its result: parts of one data set have the same.
    static var arguments: [String] { words.withLock { $0.arguments } }

    /// The configuration file's path, if there is one.
    static var configuration: String? { words.withLock { $0.configuration } }

    static var command: String { words.withLock { $0.command } }

    /// Whether the command, run again after an interruption, goes on where it stopped.
    static var continues: Bool { ["mlm", "generate", "train", "finetune"].contains(command) }

    /// To be called once, before anything else is made of the command line.
    ///
    /// - Returns: the arguments, and those of the configuration file that they do not say themselves.
    static func read(_ arguments: [String]) throws -> [String] {
        words.withLock { $0.command = arguments.first ?? "" }
        guard let command = arguments.first, ConfigurationFile.commands.contains(command) else { return arguments }
        let own = GivenOption.groups(of: arguments.dropFirst())
        try requireSingleInputs(among: own)
        var added: [GivenOption] = []
        if let path = own.first(where: { $0.name == "--config" })?.values.first {
            words.withLock { $0.configuration = path }
            let names = Set(own.map(\.name))
            added = try ConfigurationFile.options(of: path, for: command).filter { !names.contains($0.name) }
        }
        let all = added + own
        try requireSingleInputs(among: all)
        words.withLock {
            $0.arguments = all.filter { !circumstances.contains($0.name) }.flatMap(\.words)
        }
        return [command] + added.flatMap(\.words) + arguments.dropFirst()
    }

    private static func requireSingleInputs(among options: [GivenOption]) throws {
        // A list in a configuration file is one option that names itself in several words.
        let names = options.flatMap(\.words).map { $0.prefix { $0 != "=" } }
        if let (name, remedy) = singleInputs.first(where: { input in names.count { $0 == input.key } > 1 }) {
            throw RepeatedOption(name: name, remedy: remedy)
        }
    }
}
