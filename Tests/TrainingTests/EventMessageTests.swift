import Testing
import Training

/// Bytes as TensorBoard's own protocol buffers have them; `conformance/tensorboard_scalars.py` reads whole files with its
/// reader.
@Suite struct EventMessageTests {
    /// RFC 3720, appendix B.4, and the check value of the Rocksoft model.
    @Test func checksumsAreCastagnolis() {
        #expect(RecordChecksum.of(Array("123456789".utf8)) == 0xE306_9283)
        #expect(RecordChecksum.of([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(RecordChecksum.of(Array(0..<32)) == 0x46DD_794E)
        // Rotated right by 15 bits, plus 0xA282EAD8.
        #expect(RecordChecksum.masked(Array("123456789".utf8)) == 0xC78A_B0E5)
    }

    @Test func versionIsAString() {
        let message = EventMessage(.fileVersion("brain.Event:2"), step: 0, wallTime: 1)
        #expect(message.bytes == [9, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 16, 0, 26, 13] + Array("brain.Event:2".utf8))
    }

    @Test func restartIsASessionLog() {
        let message = EventMessage(.restart, step: 300, wallTime: 1)
        #expect(message.bytes == [9, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 16, 0xAC, 0x02, 58, 2, 8, 1])
    }

    @Test func scalarsAreASummary() {
        let message = EventMessage(.scalars(["b": 1, "a": -2.5]), step: 1, wallTime: 1)
        let values: [UInt8] = [10, 8, 10, 1, 97, 21, 0, 0, 0x20, 0xC0, 10, 8, 10, 1, 98, 21, 0, 0, 0x80, 0x3F]
        #expect(message.bytes == [9, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 16, 1, 42, UInt8(values.count)] + values)
    }
}
