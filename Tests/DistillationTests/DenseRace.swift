import Foundation
import Random

/// The race as it is defined: a Gumbel variable for every token. The oracle for the cheap one.
struct DenseRace {
    /// The winner at each of `temperatures`.
    static func winners(_ logits: [Float], at temperatures: [Double], random: inout RandomStream.Draws) -> [Int] {
        let gumbels = logits.map { _ in -log(-log(Double(unitInterval: random.next()))) }
        return temperatures.map { temperature in
            var best = 0
            var highest = -Double.infinity
            for id in logits.indices {
                let height = Double(logits[id]) + temperature * gumbels[id]
                if height > highest { (best, highest) = (id, height) }
            }
            return best
        }
    }
}
