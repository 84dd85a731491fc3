import Storage
import SystemPackage

/// The command that makes a run again, as far as its folder tells. A run knows data and models by their content and not by their
/// place: the command has a name in capital letters for each, and ``content`` describes the files.
public struct RepeatedCommand: Encodable, Sendable, Hashable {
    public struct Content: Encodable, Sendable, Hashable {
        public let name: String
        public let content: String
    }

    /// For a shell.
    public let command: String
    public let content: [Content]

    init(_ run: RecordedRun) {
        var words = ["fast-electra", run.command]
        var content: [Content] = []
        var settings = run.settings
        if settings[Self.stepsOption] == nil, let outcome = run.outcome {
            settings[Self.stepsOption] = "\(outcome.steps)"
        }
        for (option, value) in settings.sorted(by: { $0.key < $1.key }) where option.hasPrefix(Self.optionPrefix) {
            if value.isEmpty { continue }
            words.append(option)
            if option == Self.presetOption {
                words.append(Self.preset(value, of: run.folder))
            } else if value.contains(" ") {
                let name = option.dropFirst(Self.optionPrefix.count).uppercased().replacing("-", with: "_")
                words.append(name)
                content.append(Content(name: name, content: value.printable))
            } else {
                words.append(Self.quoted(value))
            }
        }
        command = (words + [Self.outOption, Self.out]).joined(separator: " ")
        self.content = content
    }

    /// The command in lines that a shell takes for one, broken before options.
    func lines(columns: Int) -> [String] {
        command.split(separator: " \(Self.optionPrefix)").reduce(into: []) { lines, part in
            guard let last = lines.last else { return lines.append(String(part)) }
            let option = Self.optionPrefix + part
            if last.count + option.count < columns {
                lines[lines.count - 1] = "\(last) \(option)"
            } else {
                lines[lines.count - 1] = "\(last) \\"
                lines.append(option)
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
        return isPlain ? word : "'\(word.printable.replacing("'", with: "'\\''"))'"
    }
}
