import Generate
import Synchronization
import Testing

@Suite struct OrderedWorkTests {
    @Test(arguments: [1, 2, 4])
    func usesResultsInOrder(threads: Int) throws {
        var input = 0
        var used: [Int] = []
        let mostAhead = Mutex(0)
        try inOrder(threads: threads) { () -> Int? in
            mostAhead.withLock { $0 = max($0, input - used.count) }
            input += 1
            return input <= 200 ? input : nil
        } work: { _, number in
            // Unequal work: later items overtake earlier ones.
            (0..<(number % 7) * 1000).reduce(number * number) { $0 ^ $1 ^ $1 }
        } use: {
            used.append($0)
        }
        #expect(used == (1...200).map { $0 * $0 })
        #expect(mostAhead.withLock { $0 } <= 2 * threads, "the queue is bounded")
    }

    private struct Broken: Error {}

    @Test(arguments: ["next", "work", "use"])
    func endsWithTheFirstError(place: String) {
        var input = 0
        var used: [Int] = []
        #expect(throws: Broken.self) {
            try inOrder(threads: 3) { () -> Int? in
                input += 1
                if place == "next", input == 10 { throw Broken() }
                return input
            } work: { _, number in
                if place == "work", number == 10 { throw Broken() }
                return number
            } use: { number in
                if place == "use", number == 10 { throw Broken() }
                used.append(number)
            }
        }
        #expect(used == Array(1...9))
    }
}
