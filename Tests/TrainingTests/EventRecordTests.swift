import Testing
import Training

@Suite struct EventRecordTests {
    /// Torn anywhere, a file keeps the records before the tear.
    @Test func wholeRecordsAreFound() {
        let records = [[], [1], Array(repeating: 7 as UInt8, count: 300)].map(EventRecord.framing)
        let file = records.flatMap(\.self)
        for length in 0...file.count {
            let ends = records.indices.map { records[...$0].reduce(0) { $0 + $1.count } }
            #expect(EventRecord.wholeLength(of: Array(file[..<length])) == ends.last { $0 <= length } ?? 0)
        }
    }

    /// Lengths that no file can have are no lengths.
    @Test func foreignBytesAreNoRecord() {
        #expect(EventRecord.wholeLength(of: Array(repeating: 255, count: 64)) == 0)
        let record = EventRecord.framing([1, 2, 3])
        for index in record.indices {
            var damaged = record
            damaged[index] ^= 1
            #expect(EventRecord.wholeLength(of: damaged) == 0, "byte \(index)")
        }
    }
}
