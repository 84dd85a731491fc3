// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that nobody who builds fast-electra builds its benchmarks. `make bench` and `make ledger` run them.
let settings: [SwiftSetting] = [
    .enableExperimentalFeature("Lifetimes"), .enableUpcomingFeature("MemberImportVisibility"),
]
let dependencies: [Target.Dependency] = [
    .product(name: "Pipeline", package: "fast-electra"),
    .product(name: "ArgumentParser", package: "swift-argument-parser"),
    .product(name: "SystemPackage", package: "swift-system"),
]

let package = Package(
    name: "fast-electra-benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "fast-electra", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    ],
    targets: [
        // The bytes of shards by their parts, over head sizes and numbers of races.
        .executableTarget(name: "ShardLedger", dependencies: dependencies, swiftSettings: settings),
        // Products and elementwise kernels by themselves.
        .executableTarget(name: "KernelRates", dependencies: dependencies, swiftSettings: settings),
        // The time of `generate` and of reading by their parts.
        .executableTarget(name: "StageRates", dependencies: dependencies, swiftSettings: settings),
        // The cost of one look into a large data set.
        .executableTarget(
            name: "InspectLatency",
            dependencies: dependencies + [.product(name: "Storage", package: "fast-electra")],
            swiftSettings: settings),
    ]
)
