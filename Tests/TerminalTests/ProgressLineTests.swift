import Terminal
import Testing

@Suite("The progress line")
struct ProgressLineTests {
    let line = ProgressLine(
        label: "Training", unit: "steps", completed: 1500, total: 3000, rate: 12.5, elapsedSeconds: 121,
        details: ["step 1,500 of 3,000", "loss 0.213"])

    @Test func showsEverythingWhereThereIsRoom() {
        #expect(
            line.text(columns: 150)
                == "Training  [==============>               ]  50 %  1,500 of 3,000 steps  12.5 steps/s  2:00 left  "
                + "2:01 so far  step 1,500 of 3,000  loss 0.213")
    }

    @Test func leavesOutWhatMattersLeast() {
        #expect(line.text(columns: 60) == "Training  [=========>          ]  50 %  1,500 of 3,000 steps")
        #expect(line.text(columns: 118).hasSuffix("  2:01 so far  step 1,500 of 3,000"))
        #expect(line.text(columns: 10).count <= 10)
    }

    @Test(arguments: 0...140)
    func fitsEveryWidth(columns: Int) {
        #expect(line.text(columns: columns).count <= columns)
    }

    @Test(arguments: [(0, "0 %"), (2999, "99 %"), (3000, "100 %"), (4000, "100 %")])
    func neverSaysDoneBeforeItIs(completed: Int, share: String) {
        var line = line
        line.completed = completed
        #expect(line.text(columns: 130).contains("]  \(share)  "))
    }

    @Test func hasNoTimeLeftWithoutATotalOrARate() {
        var line = line
        line.total = nil
        #expect(line.secondsLeft == nil)
        #expect(
            line.text(columns: 100)
                == "Training  1,500 steps  12.5 steps/s  2:01 so far  step 1,500 of 3,000  loss 0.213")
        line.total = 3000
        line.rate = 0
        #expect(line.secondsLeft == nil)
    }

    @Test func isPlainInALog() {
        #expect(
            line.plainText
                == "Training: 50 %, 1,500 of 3,000 steps, step 1,500 of 3,000, loss 0.213, 12.5 steps/s, 2:01 so far, 2:00 left"
        )
        #expect(line.lastPlainText.hasSuffix("12.5 steps/s, 2:01 in all"))
    }

    @Test func showsBytesWithTheirUnit() {
        let line = ProgressLine(
            label: "Reading", unit: "bytes", completed: 5_000_000, total: 10_700_000, rate: 2_500_000, elapsedSeconds: 2
        )
        #expect(line.text(columns: 120).contains("5.00 MB of 10.7 MB  2.50 MB/s  0:02 left"))
    }
}
