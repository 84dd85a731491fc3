import ArgumentParser
import Kernels

/// How fast single kernels run on one core: products against OpenBLAS's, elementwise work in elements and bytes.
@main
struct KernelRates: ParsableCommand {
    @Flag(help: "Print the rate of the square product only, as one JSON object.")
    var json = false

    @Option(help: "Threads that multiply at the same time.")
    var threads = 1

    func run() throws {
        if json {
            ProductRates([ProductRates.shapes[0]], threads: threads).printJSON()
        } else {
            ProductRates(threads: threads).printTable()
            ElementwiseRates().printTable()
        }
    }
}
