import Testing

@Suite("What the command line says about itself")
struct UsageTests {
    static let subcommands = ["vocab", "mlm", "generate", "verify", "inspect", "train", "report", "finetune", "score"]

    @Test func listsEverySubcommand() throws {
        let help = try fastElectra("--help")
        #expect(help.status == 0)
        for subcommand in Self.subcommands {
            #expect(help.output.contains("\n  \(subcommand) "), "\(subcommand) is not in the list")
        }
    }

    @Test(arguments: subcommands)
    func explainsASubcommand(name: String) throws {
        let help = try fastElectra(name, "--help")
        #expect(help.status == 0)
        #expect(help.output.contains("USAGE: fast-electra \(name) "))
        #expect(help.errors.isEmpty)
    }

    /// Not even the line of the usage, which is not wrapped.
    @Test(arguments: [[]] + subcommands.map { [$0] }) func fitsOnATerminal(command: [String]) throws {
        for line in try fastElectra(command + ["--help"]).output.split(separator: "\n") {
            #expect(line.count <= 120, "\(line)")
        }
    }

    @Test func tellsItsVersion() throws {
        let version = try fastElectra("--version")
        #expect(version.status == 0)
        #expect(version.output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
    }

    @Test(arguments: [
        (["trian"], "Unexpected argument 'trian'"),
        (["vocab", "--out", "x"], "Missing expected argument '--text <file> ...'"),
        (["vocab", "--text", "a", "--out", "x", "--sise", "9"], "Unknown option '--sise'. Did you mean '--size'?"),
        (["vocab", "--text", "a", "--out", "x", "--size", "many"], "The value 'many' is invalid for '--size <n>'"),
        (["vocab", "--text", "", "--out", "x"], "The value '' is invalid for '--text <file>'"),
        (
            ["train", "--shards", "s", "--preset", "tiny", "--out", "x", "--sentence-targets=-3"],
            "'--sentence-targets' takes a number from 0 to 1,024, not -3"
        ),
        (
            ["verify", "--rebuild-manifest", "none"],
            "'--rebuild-manifest' takes folders of shards, and 'none' is not a folder"
        ),
    ])
    func refusesWhatMakesNoSense(arguments: [String], message: String) throws {
        let refusal = try fastElectra(arguments)
        #expect(refusal.status == 64)
        #expect(refusal.errors.hasPrefix("fast-electra: error: \(message)"), "\(refusal.errors)")
        #expect(refusal.output.isEmpty)
    }
}
