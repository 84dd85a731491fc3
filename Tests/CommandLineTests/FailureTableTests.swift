import Foundation
import Testing

@Suite("docs/failures.md")
struct FailureTableTests {
    /// Does all that the page shows and compares: messages, exit codes, and the outcome afterwards.
    @Test func isWhatTheProgramDoesNow() throws {
        let program = Bundle.main.bundleURL.appendingPathComponent("fast-electra").path
        let page = packageFolder.appendingPathComponent("docs/failures.md").path
        let script = packageFolder.appendingPathComponent("Tests/Failures/table")
        let comparison = try run(script, [program, "--check", page])
        #expect(comparison.status == 0, "\(comparison.output)\(comparison.errors)")
        // Rows that this machine cannot do.
        print(comparison.errors, terminator: "")
    }
}
