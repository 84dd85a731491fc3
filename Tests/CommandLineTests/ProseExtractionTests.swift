import Foundation
import Testing

/// `data/extract-prose` on each kind of text file that the corpus recipe knows beside HTML.
@Suite("Prose out of packages")
struct ProseExtractionTests {
    private static let sentence =
        "The boat that he had built was as long as the yard, and it would not go through the gate"

    /// Runs it on one file. A document is kept from 400 characters on.
    private func paragraphs(_ kind: String, _ text: String) throws -> [Substring] {
        try withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("text")
            try Data(text.utf8).write(to: file)
            let result = try run(packageFolder.appendingPathComponent("data/extract-prose"), [kind, file.path])
            #expect(result.status == 0, "\(result.errors)")
            return result.output.split(separator: "\n")
        }
    }

    @Test func fortunesAreSayingsBetweenPercentSigns() throws {
        let sayings = (1...6).map { "\(Self.sentence) on day \($0) of\nthe month." }
        let found = try paragraphs("fortune", sayings.joined(separator: "\n%\n") + "\n%\nToo short.\n%\n")
        #expect(found.count == 6)
        #expect(found.first == "\(Self.sentence) on day 1 of the month.")
    }

    @Test func synsetsBecomeEntriesWithTheirExamples() throws {
        let lines = (0..<8).map {
            "0000174\($0) 00 a 02 able 0 long_lasting(p) 0 001 = 05200169 n 0000 | having what it takes for deed number \($0) of many; \"able to swim\"; \"it is able\"  "
        }
        let found = try paragraphs("wordnet", "  1 This software is licensed\n" + lines.joined(separator: "\n") + "\n")
        #expect(found.count == 8)
        #expect(
            found.first
                == "able, long lasting: having what it takes for deed number 0 of many. Able to swim. It is able.")
    }

    /// As Packages has them, and as Translation-en does, where the description is the record's last field.
    @Test func descriptionsLeaveListsAndSummariesOut() throws {
        let body =
            (1...5).map { " \(Self.sentence) on day \($0).\n .\n" }.joined()
            + "  * a list of things, that is the one and the other\n"
        let package = "Package: one\nDescription: a boat\n\(body)Section: games\n"
        let translation =
            "Package: two\nDescription-md5: 0\nDescription-en: a boat\n"
            + body.replacingOccurrences(of: "day", with: "night").trimmingCharacters(in: .newlines)
        let found = try paragraphs("records", package + "\n" + translation + "\n")
        #expect(found.count == 10)
        #expect(found.allSatisfy { $0.hasPrefix(Self.sentence) })
    }

    @Test func unknownKindsAreRefused() throws {
        let result = try run(packageFolder.appendingPathComponent("data/extract-prose"), ["pdf"])
        #expect(result.status != 0)
        #expect(result.errors.contains("fortune"))
    }
}
