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

    /// 1 + (0.2 - 1) is a little below 0.2, and shards from 0.2 to 1 cannot be replayed there.
    @Test(arguments: ["exponential", "linear", "polynomial"]) func keepsToItsEnds(kind: String) throws {
        for start in ["0.015625", "64", "0.05", "0.1", "0.2", "0.3", "0.7", "1.1", "1.3", "3.7", "9.3"] {
            let schedule = try #require(TemperatureSchedule("\(kind):\(start)"))
            let number = try #require(Double(start))
            #expect(abs(schedule.temperature(at: 0) - number) < 1e-12)
            for u in [0, 0.01, 0.5, 1] {
                #expect((min(number, 1)...max(number, 1)).contains(schedule.temperature(at: u)))
            }
        }
    }

    @Test(arguments: [
        "exponential:2.0:0.1", "linear:2.0:1.0", "polynomial:2.0:2.0", "constant:1.5",
    ])
    func readsWhatItWrites(text: String) {
        #expect(TemperatureSchedule(text)?.description == text)
    }

    @Test func focalExponentsFallTowardsNone() throws {
        let linear = try #require(FocalSchedule("linear:4:0.5"))
        #expect(linear.exponent(at: 0) == 4 && linear.exponent(at: 0.25) == 2)
        #expect(linear.exponent(at: 0.5) == nil && linear.exponent(at: 1) == nil)
        for exponent in [1.0 / 64, 0.1, 2.5, 16] {
            #expect(FocalSchedule("\(exponent)")?.exponent(at: 0.7) == exponent)
        }
        #expect(FocalSchedule("exponential:1:0.1")?.exponent(at: 0.1) == exp(-0.1 / 0.1) + 1 - 1)
        #expect(FocalSchedule("linear:4:0.5")?.description == "linear:4:0.5")
        for text in ["", "0", "-1", "17", "nan", "linear", "linear:0", "linear:17", "cubic:2", "linear:2:0"] {
            #expect(FocalSchedule(text) == nil, "\(text)")
        }
    }

    @Test(arguments: [
        "constant:0.0156", "linear:64.1",
        "", "exponential", "exponential:", "exponential:2:0", "constant:1:2", "linear:x", "cubic:2", "constant:nan",
    ])
    func refusesNonsense(text: String) {
        #expect(TemperatureSchedule(text) == nil)
    }
}
