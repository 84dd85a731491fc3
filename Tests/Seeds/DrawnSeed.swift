import CLibrary

/// The seed of a test that draws: a new one each time, or the one that the environment gives. It is printed, because a test
/// that fails has to fail again.
///
///     FAST_ELECTRA_TEST_SEED=123 swift test --filter NAME
package func drawnSeed(of test: String = #function, in file: String = #fileID) -> UInt64 {
    let given = getenv(seedVariable).flatMap { UInt64(String(cString: $0)) }
    let seed = given ?? UInt64.random(in: 0...UInt64.max)
    print("\(seedVariable)=\(seed) repeats \(test) of \(file)")
    return seed
}

private let seedVariable = "FAST_ELECTRA_TEST_SEED"
