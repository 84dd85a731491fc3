import Random
import Testing

@Suite struct EpochOrderTests {
    @Test(arguments: [1, 2, 7, 100]) func everyEpochVisitsAllInAnOrderOfItsOwn(count: Int) {
        let order = EpochOrder(count: count, stream: RandomStream(seed: 3, purpose: .shuffle))
        let epochs = (0..<4).map { epoch in (0..<count).map { order[epoch * count + $0] } }
        for (number, epoch) in epochs.enumerated() {
            #expect(epoch.allSatisfy { $0.epoch == UInt32(number) })
            #expect(epoch.map(\.index).sorted() == Array(0..<count))
        }
        if count == 100 { #expect(Set(epochs.map { $0.map(\.index) }).count == 4) }
    }
}
