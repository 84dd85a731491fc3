// swift-tools-version: 6.2
import PackageDescription

let common: [SwiftSetting] = [
    .enableExperimentalFeature("Lifetimes"), .enableUpcomingFeature("MemberImportVisibility"),
]

let systemPackage: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")

let package = Package(
    name: "fast-electra",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "fast-electra", targets: ["FastElectra"]),
        .executable(name: "demo-report", targets: ["DemoReport"]),
        .executable(name: "tokenizer-probe", targets: ["TokenizerProbe"]),
        .executable(name: "conformance-probe", targets: ["ConformanceProbe"]),
        .library(name: "Format", targets: ["Format"]),
        .library(name: "Encoder", targets: ["Encoder"]),
        .library(name: "Storage", targets: ["Storage"]),
        .library(name: "Train", targets: ["Train"]),
        .library(
            name: "Pipeline", targets: ["Corpus", "Encoder", "Format", "Generate", "Kernels", "Storage", "Train"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    ],
    targets: [
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),

        // Files and failures: what every stage needs to read and write without losing anything.
        .target(
            name: "Storage",
            dependencies: [systemPackage],
            swiftSettings: common),

        .target(
            name: "Fingerprints",
            dependencies: ["Storage", systemPackage, .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: common),

        // Arithmetic that knows no model. The loops are in C, once for each kind of processor, so no target needs flags.
        .target(name: "CKernels"),
        .target(name: "Kernels", dependencies: ["CKernels"], swiftSettings: common),

        // The pipeline: text -> Corpus -> Generate -> Format -> Train -> a Hugging Face folder.
        .target(
            name: "Corpus",
            dependencies: [
                "CZlib", "CZstd", "Storage", systemPackage,
                .product(name: "HeapModule", package: "swift-collections"),
            ],
            swiftSettings: common),
        .target(
            name: "Format",
            dependencies: ["CZstd", "Storage", systemPackage],
            swiftSettings: common),
        .target(name: "Encoder", dependencies: ["Kernels", "Storage", systemPackage], swiftSettings: common),
        .target(
            name: "Optimization",
            dependencies: ["Encoder", "Fingerprints", "Kernels", "Storage", systemPackage],
            swiftSettings: common),
        .target(
            name: "Generate",
            dependencies: ["CKernels", "Corpus", "Encoder", "Format", "Kernels", "Storage", systemPackage],
            swiftSettings: common),
        .target(
            name: "Train",
            dependencies: ["Encoder", "Format", "Kernels", "Optimization", "Storage", systemPackage],
            swiftSettings: common),
        .target(
            name: "Auxiliary",
            dependencies: ["Corpus", "Encoder", "Generate", "Kernels", "Optimization", "Storage", systemPackage],
            swiftSettings: common),
        // What encoders are worth: classifiers on them, and which of two sentences they prefer.
        .target(
            name: "Finetuning",
            dependencies: ["Corpus", "Encoder", "Kernels", "Optimization", "Storage", systemPackage],
            swiftSettings: common),
        .target(
            name: "Scoring",
            dependencies: ["Corpus", "Encoder", "Generate", "Kernels", "Storage", "Train", systemPackage],
            swiftSettings: common),
        // What is in shards, as figures and as a page for a browser.
        .target(
            name: "Inspect",
            dependencies: [
                "Encoder", "Format", "Kernels", "Storage", "Train", systemPackage,
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            // In the program itself, so that it stays one file.
            resources: ["page.html", "page.css", "replay.js", "elements.js", "charts.js", "reading.js", "page.js"]
                .map { .embedInCode("Page/Resources/\($0)") },
            swiftSettings: common),
        // What people see: progress, tables, numbers.
        .target(name: "Terminal", swiftSettings: common),
        .executableTarget(
            name: "FastElectra",
            dependencies: [
                "Auxiliary", "Corpus", "Encoder", "Finetuning", "Fingerprints", "Format", "Generate", "Inspect",
                "Kernels",
                "Optimization", "Scoring",
                "Storage", "Terminal", "Train", systemPackage,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: common),

        // The table that ends `make demo`.
        .executableTarget(
            name: "DemoReport", dependencies: ["Storage", "Terminal", systemPackage], swiftSettings: common),

        // Ids for `conformance/tokenization.py` to compare.
        .executableTarget(name: "TokenizerProbe", dependencies: ["Corpus", systemPackage], swiftSettings: common),
        // Logits for `make conformance` to compare.
        .executableTarget(
            name: "ConformanceProbe",
            dependencies: ["Encoder", "Finetuning", "Generate", "Kernels", "Storage", "Train", systemPackage],
            swiftSettings: common),

        // Seeds of tests that draw, printed and repeatable.
        .target(name: "Seeds", path: "Tests/Seeds", swiftSettings: common),
        // What several tests need: golden models, folders to write in.
        .target(
            name: "Fixtures",
            dependencies: ["Encoder", "Kernels", "Storage", systemPackage],
            path: "Tests/Fixtures",
            exclude: ["Golden"],
            swiftSettings: common),
        .testTarget(
            name: "StorageTests",
            dependencies: ["Fixtures", "Storage", systemPackage],
            swiftSettings: common),
        .testTarget(name: "KernelsTests", dependencies: ["CKernels", "Kernels"], swiftSettings: common),
        .testTarget(
            name: "CorpusTests",
            dependencies: ["Corpus", "Fixtures", "Kernels", "Storage", systemPackage],
            exclude: ["Golden"],
            swiftSettings: common),
        .systemLibrary(name: "CMalloc", path: "Tests/CMalloc"),
        .testTarget(
            name: "FormatTests",
            dependencies: [
                "Format", "Seeds", "Storage", systemPackage,
                .target(name: "CMalloc", condition: .when(platforms: [.linux])),
            ],
            exclude: ["Finds", "Golden"],
            swiftSettings: common),
        .testTarget(
            name: "EncoderTests",
            dependencies: ["Encoder", "Fixtures", "Kernels", "Storage", systemPackage],
            swiftSettings: common),
        .testTarget(
            name: "OptimizationTests",
            dependencies: ["Encoder", "Kernels", "Optimization"],
            swiftSettings: common),
        .testTarget(
            name: "GenerateTests",
            dependencies: [
                "Auxiliary", "Corpus", "Encoder", "Fingerprints", "Fixtures", "Format", "Generate", "Kernels",
                "Optimization",
                "Storage",
                "Train", systemPackage,
            ],
            exclude: ["Golden"],
            swiftSettings: common),
        .testTarget(
            name: "TrainTests",
            dependencies: [
                "Encoder", "Fingerprints", "Fixtures", "Format", "Kernels", "Optimization", "Seeds", "Storage",
                "Train", systemPackage,
            ],
            swiftSettings: common),
        .testTarget(
            name: "FinetuningTests",
            dependencies: [
                "Corpus", "Encoder", "Finetuning", "Fixtures", "Kernels", "Optimization", "Storage", systemPackage,
            ],
            swiftSettings: common),
        .testTarget(
            name: "ScoringTests",
            dependencies: [
                "Corpus", "Encoder", "Fixtures", "Generate", "Kernels", "Scoring", "Storage", "Train", systemPackage,
            ],
            swiftSettings: common),
        .testTarget(
            name: "InspectTests",
            dependencies: [
                "Fixtures", "Format", "Inspect", "Kernels", "Storage", "Train", systemPackage,
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: common),
        .testTarget(name: "TerminalTests", dependencies: ["Terminal"], swiftSettings: common),
        .testTarget(
            name: "CommandLineTests",
            dependencies: ["FastElectra", "Seeds"],
            swiftSettings: common),
    ]
)
