import CLibrary
import Storage
import SystemPackage
import Terminal

/// Prints the table that ends `make demo`, from the results that its stages left in a folder.
///
///     demo-report FOLDER
@main
enum DemoReport {
    static func main() {
        guard CommandLine.arguments.count == 2 else {
            end(64, "usage: demo-report FOLDER")
        }
        do {
            let report = try Report(FilePath(CommandLine.arguments[1]))
            TerminalDevice.standardOutput.write(try report.text())
        } catch {
            end(65, "error: \(error)")
        }
    }

    private static func end(_ code: CInt, _ message: String) -> Never {
        TerminalDevice.standardError.write("demo-report: \(message)\n")
        exit(code)
    }
}
