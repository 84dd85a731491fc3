import Testing

@Suite("Warm-up") struct WarmupTests {
    @Test(arguments: [(warmup: "3", isWarned: true), ("2", false), ("0.9", false)])
    func peakThatIsNotReachedIsNamed(warmup: String, isWarned: Bool) throws {
        try withWorkshop { workshop in
            try workshop.run(workshop.generate(into: "shards", passes: 1))
            let run = try fastElectra(workshop.train(into: "run", steps: 2) + ["--warmup", warmup])
            #expect(run.status == 0)
            let warning =
                "warning: the learning rate will not reach its peak, because --warmup is 3 and the run has 2 updates."
            #expect(run.errors.contains(warning) == isWarned, "\(run.errors)")
        }
    }
}
