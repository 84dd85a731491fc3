import ArgumentParser
import KernelChoice

/// The process: parses the command line, runs the command, and turns an error into a message and an exit code.
@main
enum Program {
    static func main() {
        StandardStreams.prepare()
        AddressSpace.explainExhaustion()
        do {
            _ = try KernelSet.requested()
            try CommandLineBytes.requireUTF8()
            let arguments = try Invocation.read(Array(CommandLine.arguments.dropFirst()))
            var command = try FastElectra.parseAsRoot(FileNames.joining(arguments))
            do {
                try command.run()
            } catch let error as ValidationError {
                Failure(error, of: type(of: command)).end()
            }
            Job.finish()
        } catch {
            Failure(error).end()
        }
    }
}

/// The root command: a list of subcommands. Each is a file in `Commands`.
struct FastElectra: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fast-electra",
        abstract: "Pre-train ELECTRA text encoders against a fixed generator that is run only once.",
        discussion: """
            The usual order: vocab and mlm (if you have no generator), generate, verify and inspect, train.
            report shows runs side by side.
            finetune and score measure an encoder.
            mlm, generate, train and finetune, run again with the same arguments, continue where they stopped.
            """,
        version: "0.1.0",
        subcommands: [
            VocabularyCommand.self, MaskedLanguageModelCommand.self, GenerateCommand.self, TrainCommand.self,
            InspectCommand.self, VerifyCommand.self, ReportCommand.self, FinetuneCommand.self, ScoreCommand.self,
        ])
}
