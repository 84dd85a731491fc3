import Foundation

/// The processor that a step ran on, because times mean nothing without it.
package enum Processor {
    /// As "AMD EPYC, family 25, model 1": virtual machines often hide the rest of the name. `nil` if the system has no
    /// `/proc/cpuinfo`.
    static let name = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)).flatMap { name(in: $0) }

    /// - Parameter text: the content of `/proc/cpuinfo`, whose lines are "key : value".
    package static func name(in text: String) -> String? {
        func value(_ key: String) -> String? {
            text.split(separator: "\n").lazy
                .map { $0.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) } }
                .first { $0.first == key && $0.count == 2 }?[1]
        }
        guard let name = value("model name") else { return nil }
        let numbers = [value("cpu family").map { "family \($0)" }, value("model").map { "model \($0)" }]
        return ([name] + numbers.compactMap(\.self)).joined(separator: ", ")
    }
}
