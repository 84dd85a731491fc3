import Foundation
import Replay
import Testing

@Suite struct TemperatureScheduleTests {
    @Test func followsTheFormulas() {
        for u in stride(from: 0.0, through: 1, by: 0.125) {
            #expect(TemperatureSchedule.standard.temperature(at: u) == 1 + exp(-u / 0.1))
            #expect(TemperatureSchedule.linear(start: 3, share: 0.5).temperature(at: u) == 1 + 2 * max(0, 1 - u / 0.5))
            #expect(TemperatureSchedule.polynomial(start: 2, power: 3).temperature(at: u) == 1 + pow(1 - u, 3))
            #expect(TemperatureSchedule.constant(1.25).temperature(at: u) == 1.25)
        }
        #expect(abs(TemperatureSchedule.standard.temperature(at: 1) - 1.00005) < 1e-5)
    }

    @Test(arguments: [
        "exponential:2.0:0.1", "linear:2.0:1.0", "polynomial:2.0:2.0", "constant:1.5",
    ])
    func readsWhatItWrites(text: String) {
        #expect(TemperatureSchedule(text)?.description == text)
    }

    @Test(arguments: [
        "", "exponential", "exponential:", "exponential:2:0", "constant:1:2", "linear:x", "cubic:2", "constant:nan",
    ])
    func refusesNonsense(text: String) {
        #expect(TemperatureSchedule(text) == nil)
    }
}
