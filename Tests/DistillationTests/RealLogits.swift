import Foundation
import Models
import Storage
import SystemPackage

/// A row of logits to distil.
enum LogitRow: Sendable, CustomStringConvertible {
    case sample(SampleLogits)
    /// One that a trained masked language model gave (`Golden/real_logits.safetensors`).
    case real(Int)

    func row(_ vocabularySize: Int) throws -> [Float] {
        switch self {
        case .sample(let logits): logits.row(vocabularySize, seed: 3)
        case .real(let index): try RealLogits.rows(vocabularySize)[index]
        }
    }

    var description: String {
        switch self {
        case .sample(let logits): "\(logits)"
        case .real(let index): "real \(index)"
        }
    }
}

/// Logits of trained models over 27, 600 and 30,522 tokens; `Golden/make_real_logits.py` made the file.
enum RealLogits {
    static func rows(_ vocabularySize: Int) throws -> [[Float]] {
        let path = FilePath(#filePath).removingLastComponent()
            .appending("Golden/real_logits.safetensors")
        let file = try SafetensorsFile(path)
        let values = try file.floats(named: "logits\(vocabularySize)")
        return stride(from: 0, to: values.count, by: vocabularySize).map {
            Array(values[$0..<$0 + vocabularySize])
        }
    }
}
