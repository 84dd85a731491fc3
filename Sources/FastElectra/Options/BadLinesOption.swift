import ArgumentParser
import Corpus

/// The treatment of lines of JSON that cannot be read.
struct BadLinesOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "What to do about JSON lines that cannot be read: stop at the first one, or skip and count them.",
            discussion:
                "Such a line is not a JSON object, or it lacks 'text', 'text_pair' or 'input_ids'. A row of --pairs that does not"
                + " have two columns counts, too."))
    var badLines: BadLines = .stop
}

extension BadLines: ExpressibleByArgument {}
