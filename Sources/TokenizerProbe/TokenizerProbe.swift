import CLibrary
import Corpus
import FoundationEssentials
import SystemPackage

/// Tokenizes for `conformance/tokenization.py`: `tokenizer-probe FOLDER` takes a JSON string a line from standard input and
/// gives the ids of each on a line of standard output; how long encoding took goes to standard error.
@main
enum TokenizerProbe {
    static func main() throws {
        let tokenizer = try Tokenizer(folder: FilePath(CommandLine.arguments[1]))
        let decoder = JSONDecoder()
        var seconds = 0.0
        var tokens = 0
        while let line = readLine() {
            let text = try decoder.decode(String.self, from: Data(line.utf8))
            let start = processorSeconds()
            let ids = tokenizer.encode(text)
            seconds += processorSeconds() - start
            tokens += ids.count
            print(ids.lazy.map { "\($0)" }.joined(separator: " "))
        }
        let rate = Int(Double(tokens) / max(seconds, 1e-9))
        try FileDescriptor.standardError.writeAll(Array("\(rate) tokens/s".utf8))
    }

    /// Of this thread: other work on the machine does not count.
    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
