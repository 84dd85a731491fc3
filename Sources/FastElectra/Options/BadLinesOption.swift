import ArgumentParser
import Corpus

/// What becomes of lines of JSON that cannot be read.
struct BadLinesOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "JSON lines that cannot be read: stop at the first, or skip and count them.",
            discussion:
                "Such a line is not a JSON object, or lacks 'text', 'text_pair' or 'input_ids'; or it is a row of --pairs"
                + " without two columns."))
    var badLines: BadLines = .stop
}

extension BadLines: ExpressibleByArgument {}
