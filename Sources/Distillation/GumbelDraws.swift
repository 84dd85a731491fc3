import CKernels
import KernelChoice
import Random

/// Gumbel variables by the dozen, for races, which need them by the hundred.
///
/// Not to be mixed with ``RandomStream/Draws/next()`` where one number of a draw is still to be had from that.
extension RandomStream.Draws {
    /// The numbers of the next sixteen draws: 32 Gumbel variables -log(-log u).
    package mutating func nextGumbels(into gumbels: inout [Double]) {
        precondition(gumbels.count == 32)
        withUnsafePointer(to: forKernels) { kernels.draw_gumbels($0, draw, &gumbels) }
        draw &+= 16
    }

    /// The numbers of the next sixteen draws: 16 gaps between events whose number in n trials is Poisson with mean `rate` ·
    /// n, as whole numbers, and 16 Gumbel variables of the upper `share` of their distribution.
    package mutating func nextExceedances(
        rate: Double, share: Double, gaps: inout [Double], gumbels: inout [Double]
    ) {
        precondition(gaps.count == 16 && gumbels.count >= 16)
        withUnsafePointer(to: forKernels) {
            kernels.draw_exceedances($0, draw, rate, share, &gaps, &gumbels)
        }
        draw &+= 16
    }

    private var forKernels: fast_electra_stream {
        let key = stream.generator.key
        return fast_electra_stream(
            key: (key.x, key.y), y: position, z: UInt32(truncatingIfNeeded: sequence),
            w: pass &<< 16 | UInt32(truncatingIfNeeded: sequence >> 32))
    }
}
