import Format
import Storage

/// Two data sets side by side.
package struct ComparisonReport: Encodable {
    package struct Shared: Encodable {
        package struct Temperature: Encodable {
            package let temperature: Double
            package let totalVariation: Double?
            package let jensenShannon: Double?
        }

        package let sequences: Int
        package let sequencesWithEqualTokens: Int
        package let maskedPositions: Int
        package let maskedInBoth: Int
        package let sameFirst: Int
        package let headTokensInBoth: Int
        package let temperatures: [Temperature]
        package let faults: [String]
    }

    package let dataSets: [DatasetReport]
    package let shared: Shared

    package init(_ one: DatasetReport, _ other: DatasetReport, _ positions: SharedPositions) {
        dataSets = [one, other]
        shared = Shared(
            sequences: positions.sequences, sequencesWithEqualTokens: positions.sharedSequences,
            maskedPositions: positions.maskedPositions, maskedInBoth: positions.sharedPositions,
            sameFirst: positions.sameFirst, headTokensInBoth: positions.sharedHeadTokens,
            temperatures: positions.temperatures.map {
                Shared.Temperature(
                    temperature: $0.temperature, totalVariation: $0.totalVariation, jensenShannon: $0.jensenShannon)
            }, faults: positions.faults.map(\.description.printable))
    }
}
