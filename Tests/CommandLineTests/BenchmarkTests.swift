import Foundation
import Testing

/// The decisions of `make bench` before it times anything.
@Suite("The benchmark")
struct BenchmarkTests {
    private static let folder = packageFolder.appendingPathComponent("Benchmarks")
    private static let python = URL(fileURLWithPath: "/usr/bin/env")

    /// Kernels of OpenBLAS are tried only where the processor has their instructions.
    @Test(arguments: [
        ("avx2 fma", "", "['', 'Haswell'] False {}"), ("sse2", "", "[''] False {}"),
        ("avx2 avx512f", "", "['', 'SkylakeX'] True {}"),
        ("avx2 avx512f avx512_bf16", "", "['', 'SkylakeX', 'Cooperlake'] True {}"),
        (
            "avx2 avx512f", "avx2",
            "['Haswell'] False {'ATEN_CPU_CAPABILITY': 'avx2', 'ONEDNN_MAX_CPU_ISA': 'AVX2',"
                + " 'MKL_ENABLE_INSTRUCTIONS': 'AVX2'}"
        ),
    ])
    func choosesByTheProcessor(flags: String, kernels: String, expected: String) throws {
        let program = """
            import sys
            sys.path.insert(0, sys.argv[1])
            from processor import Processor
            processor = Processor("model name\\t: Some\\nflags\\t\\t: " + sys.argv[2], {"FAST_ELECTRA_KERNELS": sys.argv[3]})
            print(processor.openblas_cores, processor.uses_avx512, processor.peer_environment)
            """
        let finished = try run(
            Self.python, ["python3", "-B", "-c", program, Self.folder.path, flags, kernels])
        #expect(finished.output == expected + "\n", "\(finished.errors)")
    }

    /// The demo's folder has files of the same names and of other sizes.
    @Test func leavesTheFolderOfTheDemoAlone() throws {
        try withTemporaryFolder { folder in
            try Data("{}".utf8).write(to: folder.appendingPathComponent("corpus.json"))
            let script = Self.folder.appendingPathComponent("bench.py").path
            let refusal = try run(Self.python, ["python3", "-B", script, "--work", folder.path])
            #expect(refusal.status == 1 && refusal.errors.contains("holds other work"), "\(refusal.errors)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["corpus.json"])
        }
    }
}
