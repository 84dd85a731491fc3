// swift-tools-version: 6.2
import PackageDescription

// Programs that feed the readers bytes that no writer wrote, built and run by `make fuzz`. A package of its own, because
// they are of use only under libFuzzer, which also needs the tested code compiled its way: `-sanitize=fuzzer,address`.
let common: [SwiftSetting] = [.enableUpcomingFeature("MemberImportVisibility")]
// gold trips over the two `main` of a fuzzer, ours and libFuzzer's, which stays out.
let linker: [LinkerSetting] = [.unsafeFlags(["-use-ld=lld"], .when(platforms: [.linux]))]
let systemPackage: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let format: Target.Dependency = .product(name: "Format", package: "fast-electra")
let models: Target.Dependency = .product(name: "Models", package: "fast-electra")
let corpus: Target.Dependency = .product(name: "Corpus", package: "fast-electra")
let storage: Target.Dependency = .product(name: "Storage", package: "fast-electra")
let replay: Target.Dependency = .product(name: "Replay", package: "fast-electra")

let package = Package(
    name: "Fuzzing",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "fast-electra", path: ".."),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    ],
    targets: [
        .systemLibrary(name: "CLibFuzzer"),
        // The parts that all fuzzers share: the loop, files in memory, shards forged around given contents.
        .target(name: "FuzzDriver", dependencies: ["CLibFuzzer", systemPackage], swiftSettings: common),
        .executableTarget(
            name: "fuzz-shard", dependencies: ["FuzzDriver", format, systemPackage], swiftSettings: common,
            linkerSettings: linker),
        .executableTarget(
            name: "fuzz-block", dependencies: ["FuzzDriver", format, replay, systemPackage], swiftSettings: common,
            linkerSettings: linker),
        .executableTarget(
            name: "fuzz-weights", dependencies: ["FuzzDriver", models, storage], swiftSettings: common,
            linkerSettings: linker),
        .executableTarget(
            name: "fuzz-text", dependencies: ["FuzzDriver", corpus, systemPackage], swiftSettings: common,
            linkerSettings: linker),
        // Seeds for `fuzz-block` from shards, shards from its finds.
        .executableTarget(
            name: "fuzz-seeds", dependencies: ["FuzzDriver", systemPackage], swiftSettings: common,
            linkerSettings: linker),
    ]
)
