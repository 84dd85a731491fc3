import FoundationEssentials
import JSON
import Page

/// The page of `inspect`: the summary of a data set, and sequences to read.
public struct InspectionPage: Sendable {
    /// Bytes that a page may have in all.
    public static let byteLimit = 2_000_000

    public static let kind = PageKind(
        command: "inspect", title: "Shards", body: PackageResources.inspection_html,
        style: PackageResources.inspection_css,
        programs: [PackageResources.replay_js, PackageResources.reading_js, PackageResources.inspection_js])

    private let data: String

    /// - Parameter data: JSON of the page's content (`docs/inspect.md`, "The page").
    public init(data: String) {
        self.data = data
    }

    /// - Throws: `EncodingError` where a figure is not a number.
    package init(_ content: PageContent) throws {
        self.init(data: String(decoding: try JSONEncoder.ofResults.encode(content), as: UTF8.self))
    }

    /// The whole page.
    public var html: String { Self.kind.html(data: data) }
}
