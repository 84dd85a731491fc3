import ArgumentParser
import Corpus

/// What becomes of lines of JSON that cannot be read.
struct BadLinesOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "JSON lines that cannot be read: stop at the first, or skip and count them.",
            discussion: "Such a line is not a JSON object, or lacks 'text' or 'input_ids'."))
    var badLines: BadLines = .stop
}

extension BadLines: ExpressibleByArgument {}
