import FoundationEssentials
import Storage
import SystemPackage

/// Computes logits for `conformance/`: each line of standard input is a ``Request`` as JSON, each line of standard output
/// `ok` or its error.
@main
enum ConformanceProbe {
    static func main() throws {
        while let line = readLine() {
            let answer: String
            do {
                try JSONDecoder().decode(Request.self, from: Data(line.utf8)).answer()
                answer = "ok"
            } catch {
                answer = (error as? any ExplainedError)?.description ?? "\(error)"
            }
            try FileDescriptor.standardOutput.writeAll(Array("\(answer)\n".utf8))
        }
    }
}
