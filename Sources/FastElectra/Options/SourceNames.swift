import ArgumentParser
import Format
import Storage
import SystemPackage

/// Names of sources before the names of files: `en=english.txt`.
///
/// The text before the first `=` is a source's name if it has letters of ASCII, digits, `.`, `_` and `-` alone, and if the whole
/// argument is not an existing path. So `./a=b.txt` is always a path, and `year=2020/a.txt` is one where it is there.
enum SourceNames {
    struct Group {
        /// Empty where there are no sources.
        let name: String
        var names: [FilePath]
    }

    /// Files by their sources, in the order in which they are given: a name counts for the files behind it as well.
    static func group(_ names: [FilePath]) throws -> [Group] {
        var groups: [Group] = []
        for value in names {
            if let (name, rest) = split(value) {
                groups.append(Group(name: name, names: [rest]))
            } else if groups.isEmpty {
                groups.append(Group(name: "", names: [value]))
            } else {
                groups[groups.count - 1].names.append(value)
            }
        }
        if let unnamed = groups.first, unnamed.name.isEmpty, groups.count > 1 {
            throw ValidationError(
                "'\(unnamed.names[0])' has no source and '\(groups[1].names[0])' is of the source '\(groups[1].name)'."
                    + " Give all files a source or none.")
        }
        let count = Set(groups.map(\.name)).count
        if count > ShardHeader.mostSources {
            throw ValidationError("There are \(count) sources, and shards name \(ShardHeader.mostSources) at most.")
        }
        return groups
    }

    private static func split(_ value: FilePath) -> (name: String, rest: FilePath)? {
        let text = value.string
        guard let sign = text.firstIndex(of: "="), sign != text.startIndex, text.index(after: sign) != text.endIndex,
            text[..<sign].allSatisfy(isOfName), (try? FileSnapshot(of: [value])) == nil
        else { return nil }
        return (String(text[..<sign]), FilePath(String(text[text.index(after: sign)...])))
    }

    private static func isOfName(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || "._-".contains(character))
    }
}
