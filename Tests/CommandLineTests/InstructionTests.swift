import Foundation
import Testing

/// The program runs on any x86-64: instructions that not every processor has are in functions that are chosen when it starts.
@Suite("Which instructions are where in the program")
struct InstructionTests {
    /// The wide registers that `objdump` finds, by section and function.
    private struct Disassembly {
        /// Functions with registers of 512 bits or mask registers, and those with registers of 256 bits.
        var withAVX512: Set<String> = []
        var withAVX2: Set<String> = []

        init(_ listing: Substring.UTF8View) {
            var (section, function) = ("", "")
            for line in listing.split(separator: UInt8(ascii: "\n")) {
                if line.first == UInt8(ascii: " ") || line.first == UInt8(ascii: "\t") {
                    for (index, byte) in line.enumerated() where byte == UInt8(ascii: "%") {
                        let name = line.dropFirst(index + 1).prefix(3)
                        if name.starts(with: "zmm".utf8) || name.first == UInt8(ascii: "k") {
                            withAVX512.insert("\(section) \(function)")
                        } else if name.starts(with: "ymm".utf8) {
                            withAVX2.insert("\(section) \(function)")
                        }
                    }
                } else if line.starts(with: "Disassembly of section ".utf8) {
                    section = String(decoding: line.dropFirst(23), as: UTF8.self)
                } else if line.last == UInt8(ascii: ":"), let start = line.firstIndex(of: UInt8(ascii: "<")) {
                    function = String(decoding: line[start...], as: UTF8.self)
                }
            }
        }
    }

    #if arch(x86_64) && os(Linux)
        @Test func wideInstructionsAreInTheKernelsOfTheirSetsOnly() throws {
            let program = Bundle.main.bundleURL.appendingPathComponent("fast-electra")
            let listing = try run(
                URL(fileURLWithPath: "/usr/bin/env"),
                ["objdump", "--disassemble", "--no-show-raw-insn", "--no-addresses", program.path])
            try #require(listing.status == 0, "\(listing.errors)")
            let found = Disassembly(listing.output[...].utf8)
            // BoringSSL (of swift-crypto) asks the processor as well, and names its functions after the instructions
            // that they need.
            func ours(_ functions: Set<String>) -> Set<String> { functions.filter { !$0.contains("BoringSSL") } }
            #expect(ours(found.withAVX512).filter { !$0.hasPrefix("kernels_avx512:") } == [])
            #expect(
                ours(found.withAVX2).filter { !$0.hasPrefix("kernels_avx512:") && !$0.hasPrefix("kernels_avx2:") } == []
            )
            #expect(found.withAVX512.contains { $0.hasPrefix("kernels_avx512:") }, "the check sees what it looks for")
            #expect(found.withAVX2.contains { $0.hasPrefix("kernels_avx2:") }, "the check sees what it looks for")
        }
    #endif
}
