import Crypto
import FoundationEssentials
import JSON

/// A page for a browser that needs nothing beside it: styles, program and data are in it, and its policy forbids it to
/// load or send anything.
public struct InspectionPage: Sendable {
    /// What a page may have in all.
    public static let byteLimit = 2_000_000
    /// What tells a page from other files, near its start: the template has it.
    public static let marker = #"<meta name="generator" content="fast-electra inspect">"#

    private let data: String

    /// - Parameter data: JSON of what the page shows (`docs/inspect.md`, "The page").
    public init(data: String) {
        self.data = data
    }

    /// - Throws: `EncodingError` where a figure is not a number.
    package init(_ content: PageContent) throws {
        self.init(data: String(decoding: try JSONEncoder.ofResults.encode(content), as: UTF8.self))
    }

    /// The whole page. Nothing in the data can end the element that holds it, and the policy names the one program that
    /// may run by its hash.
    public var html: String {
        let program = [
            PackageResources.replay_js, PackageResources.elements_js, PackageResources.charts_js,
            PackageResources.reading_js, PackageResources.page_js,
        ].map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n")
        let style = String(decoding: PackageResources.page_css, as: UTF8.self)
        let policy =
            "default-src 'none'; script-src '\(Self.source(program))'; style-src '\(Self.source(style))'; "
            + "base-uri 'none'; form-action 'none'"
        var page = String(decoding: PackageResources.page_html, as: UTF8.self)
        // In the order of the template: what is put in is not searched again.
        var html = ""
        for (mark, text) in [
            ("{{policy}}", policy), ("{{style}}", style), ("{{data}}", Self.inert(data)), ("{{program}}", program),
        ] {
            guard let place = page.firstRange(of: mark) else { preconditionFailure("the template lacks \(mark)") }
            html += page[..<place.lowerBound] + text
            page = String(page[place.upperBound...])
        }
        return html + page
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
