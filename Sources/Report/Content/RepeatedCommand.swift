import Storage
import SystemPackage

/// The command that makes a run again: the words that began it, where the run has them.
///
/// Without them, settings are all that is known. They describe data and models by content and not by place: the command has a
/// name in capital letters for each, and ``content`` describes the files.
public struct RepeatedCommand: Encodable, Sendable, Hashable {
    public struct Content: Encodable, Sendable, Hashable {
        public let name: String
        public let content: String
    }

    /// For a shell.
    public let command: String
    public let content: [Content]
    /// Of the command, each as a shell takes it.
    private let words: [String]

    private enum CodingKeys: String, CodingKey { case command, content }

    init(_ run: RecordedRun) {
        let (words, content) = run.arguments.map { ($0.map(Self.quoted), []) } ?? Self.words(of: run)
        self.words = ["fast-electra", run.command] + words + [Self.outOption, Self.out]
        self.content = content
        command = self.words.joined(separator: " ")
    }

    private static func words(of run: RecordedRun) -> ([String], [Content]) {
        var words: [String] = []
        var content: [Content] = []
        var settings = run.settings
        if settings[stepsOption] == nil, let outcome = run.outcome { settings[stepsOption] = "\(outcome.steps)" }
        for (option, value) in settings.sorted(by: { $0.key < $1.key }) where option.hasPrefix(optionPrefix) {
            if value.isEmpty { continue }
            words.append(option)
            if option == presetOption {
                words.append(preset(value, of: run.folder))
            } else if describesContent(option, value) {
                let name = option.dropFirst(optionPrefix.count).uppercased().replacing("-", with: "_")
                words.append(name)
                content.append(Content(name: name, content: value.printable))
            } else {
                words.append(quoted(value))
            }
        }
        return (words, content)
    }

    /// Whether a setting describes files by their content: in words, of which there are several.
    static func describesContent(_ option: String, _ value: String) -> Bool {
        option != presetOption && value.contains(" ")
    }

    /// The command in lines that a shell takes for one, broken before options.
    func lines(columns: Int) -> [String] {
        words.reduce(into: []) { (lines: inout [String], word) in
            guard let last = lines.popLast() else { return lines.append(word) }
            if word.hasPrefix(Self.optionPrefix), last.count + word.count > columns {
                lines += ["\(last) \\", word]
            } else {
                lines.append("\(last) \(word)")
            }
        }
    }

    private static let optionPrefix = "--"
    private static let (stepsOption, presetOption) = (optionPrefix + "steps", optionPrefix + "preset")
    private static let (outOption, out) = (optionPrefix + "out", "NEW_FOLDER")

    /// A shape with a name is said by name. One without a name is in the folder.
    private static func preset(_ value: String, of folder: FilePath) -> String {
        if let colon = value.firstRange(of: ": ") { return quoted(String(value[..<colon.lowerBound])) }
        return quoted(folder.appending("config.json").string)
    }

    /// A word as a shell takes it.
    private static func quoted(_ word: String) -> String {
        let isPlain = word.utf8.allSatisfy { byte in
            Unicode.Scalar(byte).properties.isAlphabetic && byte < 0x80 || (0x30...0x39).contains(byte)
                || "-_./:,=+@%".utf8.contains(byte)
        }
        return isPlain && !word.isEmpty ? word : "'\(word.printable.replacing("'", with: "'\\''"))'"
    }
}
