import Crypto
import FoundationEssentials

/// Pages of one subcommand for a browser. A page needs nothing beside it: styles, program and data are in it, and its policy
/// forbids it to load or send anything.
public struct PageKind: Sendable {
    /// The subcommand that writes such pages.
    public let command: String
    private let title: String
    private let body: String
    private let style: String
    private let program: String

    /// - Parameters:
    ///   - body: HTML between the beginning of the body and the data.
    ///   - style: CSS that follows the one that all pages have.
    ///   - programs: JavaScript that follows the one that all pages have, in this order.
    public init(command: String, title: String, body: [UInt8], style: [UInt8], programs: [[UInt8]]) {
        func text(_ parts: [[UInt8]]) -> String {
            parts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n")
        }
        self.command = command
        self.title = title
        self.body = text([body])
        self.style = text([PackageResources.page_css, style])
        program = text([PackageResources.elements_js, PackageResources.charts_js] + programs)
    }

    /// A page of this kind has it near its start, and no other file has.
    public var marker: String { #"<meta name="generator" content="fast-electra \#(command)">"# }

    /// The whole page. Nothing in the data can end the element that holds it, and the policy names the one program that
    /// may run by its hash.
    ///
    /// - Parameter data: JSON of the page's content.
    public func html(data: String) -> String {
        let policy =
            "default-src 'none'; script-src '\(Self.source(program))'; style-src '\(Self.source(style))'; "
            + "base-uri 'none'; form-action 'none'"
        var template = String(decoding: PackageResources.page_html, as: UTF8.self)
        // In the order of the template: the text that is put in is not searched again.
        var html = ""
        for (mark, text) in [
            ("{{marker}}", marker), ("{{policy}}", policy), ("{{title}}", title), ("{{style}}", style),
            ("{{body}}", body), ("{{data}}", Self.inert(data)), ("{{program}}", program),
        ] {
            guard let place = template.firstRange(of: mark) else { preconditionFailure("the template lacks \(mark)") }
            html += template[..<place.lowerBound] + text
            template = String(template[place.upperBound...])
        }
        return html + template
    }

    /// JSON without a character that means something in HTML.
    private static func inert(_ json: String) -> String {
        json.replacing("<", with: "\\u003c").replacing(">", with: "\\u003e").replacing("&", with: "\\u0026")
            .replacing("\u{2028}", with: "\\u2028").replacing("\u{2029}", with: "\\u2029")
    }

    /// How a policy names an element by its content.
    private static func source(_ content: String) -> String {
        "sha256-" + Data(SHA256.hash(data: Data(content.utf8))).base64EncodedString()
    }
}
