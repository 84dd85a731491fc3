// swift-tools-version: 6.2
import PackageDescription

let common: [SwiftSetting] = [
    .enableExperimentalFeature("Lifetimes"), .enableUpcomingFeature("MemberImportVisibility"),
]

let systemPackage: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")

// Training on several machines needs MPI, which a plain build must not ask for: the name of MPI's pkg-config package (`ompi-c` for Open
// MPI, `mpich`) adds the targets that need mpi.h. Traits would not keep a target out of a plain `swift build`.
let messagePassing = Context.environment["FAST_ELECTRA_MPI"].flatMap { $0.isEmpty ? nil : $0 }

let package = Package(
    name: "fast-electra",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "fast-electra", targets: ["FastElectra"]),
        .executable(name: "study", targets: ["StudyCommand"]),
        .executable(name: "tokenizer-probe", targets: ["TokenizerProbe"]),
        .executable(name: "conformance-probe", targets: ["ConformanceProbe"]),
        .library(name: "Format", targets: ["Format"]),
        .library(name: "Random", targets: ["Random"]),
        .library(name: "Distillation", targets: ["Distillation"]),
        .library(name: "Replay", targets: ["Replay"]),
        .library(name: "Corpus", targets: ["Corpus"]),
        .library(name: "Models", targets: ["Models"]),
        .library(name: "Storage", targets: ["Storage"]),
        .library(name: "Train", targets: ["Train"]),
        .library(
            name: "Pipeline",
            targets: [
                "Corpus", "Distillation", "Format", "Generate", "GeneratorTraining", "Kernels", "Models", "Random",
                "Replay", "Storage", "Train", "Training",
            ]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
    ],
    targets: [
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),

        // The platform's C library, whatever its name.
        .target(name: "CLibrary", swiftSettings: common),
        // JSON that others wrote.
        .target(name: "JSON", swiftSettings: common),

        // Files and failures: what every stage needs to read and write without losing anything.
        .target(
            name: "Storage",
            dependencies: ["CLibrary", systemPackage],
            swiftSettings: common),

        .target(
            name: "Fingerprints",
            dependencies: ["Storage", systemPackage, .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: common),

        // Random numbers by address: what they are for, and nothing else, decides what they are.
        .target(name: "Random", swiftSettings: common),

        // Arithmetic that knows no model. The loops are in C, once for each kind of processor, so no target needs flags.
        .target(name: "CKernels"),
        .target(name: "KernelChoice", dependencies: ["CKernels", "CLibrary"], swiftSettings: common),
        .target(
            name: "Kernels", dependencies: ["CKernels", "CLibrary", "KernelChoice", "Random"], swiftSettings: common),

        // Encoder, masked language model, discriminator: forward, backward, and the files of Hugging Face.
        .target(
            name: "Models",
            dependencies: ["CLibrary", "JSON", "Kernels", "Random", "Storage", systemPackage],
            swiftSettings: common),

        // The pipeline: text -> Corpus -> Generate -> Format -> Train -> a Hugging Face folder.
        .target(
            name: "Corpus",
            dependencies: [
                "CZlib", "CZstd", "JSON", "Random", "Storage", systemPackage,
                .product(name: "HeapModule", package: "swift-collections"),
            ],
            swiftSettings: common),
        .target(
            name: "Format",
            dependencies: ["CZstd", "Storage", systemPackage],
            swiftSettings: common),
        // Logits -> head and races, and back: shard -> tokens at a temperature. Neither knows a model.
        .target(
            name: "Distillation",
            dependencies: ["CKernels", "CLibrary", "Format", "KernelChoice", "Random", "Storage"],
            swiftSettings: common),
        .target(name: "Replay", dependencies: ["CLibrary", "Format", "Random", "Storage"], swiftSettings: common),
        // Processes that make one run together.
        .target(name: "Ranks", dependencies: ["JSON", "Kernels", "Storage"], swiftSettings: common),
        // A run of any objective: steps, checkpoints, metrics, health.
        .target(
            name: "Training",
            dependencies: [
                "CLibrary", "Fingerprints", "JSON", "Kernels", "Models", "Random", "Ranks", "Storage", systemPackage,
            ],
            swiftSettings: common),
        .target(
            name: "GeneratorTraining",
            dependencies: [
                "CLibrary", "Corpus", "Kernels", "Models", "Random", "Ranks", "Storage", "Training", systemPackage,
            ],
            swiftSettings: common),
        .target(
            name: "Generate",
            dependencies: [
                "Corpus", "Distillation", "Format", "Kernels", "Models", "Random", "Storage", systemPackage,
            ],
            swiftSettings: common),
        .target(
            name: "Train",
            dependencies: [
                "CLibrary", "Format", "Kernels", "Models", "Ranks", "Replay", "Storage", "Training", systemPackage,
            ],
            swiftSettings: common),
        // What encoders are worth: classifiers on them, and which of two sentences they prefer.
        .target(
            name: "Finetuning",
            dependencies: [
                "CLibrary", "Corpus", "JSON", "Kernels", "Models", "Random", "Storage", "Training", systemPackage,
            ],
            swiftSettings: common),
        .target(
            name: "Scoring",
            dependencies: ["CLibrary", "Corpus", "Kernels", "Models", "Storage", systemPackage],
            swiftSettings: common),
        // Pages for a browser. Their parts are in the program itself, so that it stays one file.
        .target(
            name: "Page",
            dependencies: [
                "CLibrary", "Storage", systemPackage, .product(name: "Crypto", package: "swift-crypto"),
            ],
            resources: ["page.html", "page.css", "elements.js", "charts.js"].map { .embedInCode("Resources/\($0)") },
            swiftSettings: common),
        // What is in shards, as figures and as a page.
        .target(
            name: "Inspect",
            dependencies: [
                "CLibrary", "Corpus", "Format", "JSON", "Models", "Page", "Random", "Replay", "Storage", systemPackage,
            ],
            resources: ["inspection.html", "inspection.css", "replay.js", "reading.js", "inspection.js"]
                .map { .embedInCode("Page/Resources/\($0)") },
            swiftSettings: common),
        // Runs side by side, from their folders: as figures, as a page, and as a text in the folder.
        .target(
            name: "Report", dependencies: ["JSON", "Page", "Storage", "Terminal", systemPackage],
            resources: ["report.html", "report.css", "curves.js", "report.js"]
                .map { .embedInCode("Page/Resources/\($0)") },
            swiftSettings: common),
        // What people see: progress, tables, numbers.
        .target(name: "Terminal", dependencies: ["CLibrary", "Storage"], swiftSettings: common),
        .executableTarget(
            name: "FastElectra",
            dependencies: [
                "CLibrary", "Corpus", "Distillation", "Finetuning", "Fingerprints", "Format", "Generate",
                "GeneratorTraining", "Inspect", "JSON", "KernelChoice", "Models", "Page", "Ranks", "Replay", "Report",
                "Scoring", "Storage", "Terminal", "Train", "Training", systemPackage,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "TOMLKit", package: "TOMLKit"),
            ] + (messagePassing == nil ? [] : ["MessagePassing"]),
            swiftSettings: common + (messagePassing == nil ? [] : [.define("MESSAGE_PASSING")])),

        // Ids for `conformance/tokenization.py` to compare.
        .executableTarget(
            name: "TokenizerProbe", dependencies: ["CLibrary", "Corpus", systemPackage], swiftSettings: common),
        // Logits for `make conformance` to compare.
        .executableTarget(
            name: "ConformanceProbe",
            dependencies: ["Finetuning", "Generate", "Kernels", "Models", "Storage", systemPackage],
            swiftSettings: common),

        // The study: arms, runner, statistics, the joint baseline. Targets of this package, so that its tests need no second
        // build of all that they depend on; no product needs them.
        .target(
            name: "Study",
            dependencies: [
                "CLibrary", "Distillation", "Finetuning", "Format", "GeneratorTraining", "JSON", "Kernels", "Models",
                "Random", "Storage", "Train", "Training", systemPackage,
            ],
            path: "Experiments/Study",
            swiftSettings: common),
        .executableTarget(
            name: "StudyCommand",
            dependencies: [
                "Format", "Models", "Study", systemPackage,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Experiments/StudyCommand",
            swiftSettings: common),
        .testTarget(
            name: "StudyTests",
            dependencies: [
                "Finetuning", "Fixtures", "Format", "GeneratorTraining", "JSON", "Kernels", "Models", "Random",
                "Replay", "Storage", "Study", "Train", "Training", systemPackage,
            ],
            path: "Experiments/StudyTests",
            exclude: ["Programs"],
            swiftSettings: common),

        // Seeds of tests that draw, printed and repeatable.
        .target(name: "Seeds", dependencies: ["CLibrary"], path: "Tests/Seeds", swiftSettings: common),
        // What several tests need: golden models, folders to write in.
        .target(
            name: "Fixtures",
            dependencies: ["CLibrary", "Kernels", "Models", "Random", "Storage", systemPackage],
            path: "Tests/Fixtures",
            exclude: ["Golden"],
            swiftSettings: common),
        // Ranks without MPI.
        .target(
            name: "RankFixtures", dependencies: ["Kernels", "Ranks"], path: "Tests/RankFixtures",
            swiftSettings: common),
        .testTarget(
            name: "StorageTests",
            dependencies: ["CLibrary", "Fixtures", "Storage", systemPackage],
            swiftSettings: common),
        .testTarget(name: "RandomTests", dependencies: ["Random"], swiftSettings: common),
        .testTarget(
            name: "KernelsTests", dependencies: ["CKernels", "CLibrary", "KernelChoice", "Kernels", "Random"],
            swiftSettings: common
        ),
        .testTarget(
            name: "CorpusTests",
            dependencies: ["CLibrary", "Corpus", "Fixtures", "Random", "Storage", systemPackage],
            exclude: ["Golden"],
            swiftSettings: common),
        .systemLibrary(name: "CMalloc", path: "Tests/CMalloc"),
        .testTarget(
            name: "FormatTests",
            dependencies: [
                "CLibrary", "Format", "Seeds", "Storage", systemPackage,
                .target(name: "CMalloc", condition: .when(platforms: [.linux])),
            ],
            exclude: ["Finds", "Golden"],
            swiftSettings: common),
        .testTarget(
            name: "ModelsTests",
            dependencies: [
                "Fingerprints", "Fixtures", "KernelChoice", "Kernels", "Models", "Random", "Seeds", "Storage",
                systemPackage,
            ],
            swiftSettings: common),
        .testTarget(
            name: "DistillationTests",
            dependencies: [
                "CLibrary", "Distillation", "Format", "Models", "Random", "Replay", "Storage", systemPackage,
            ],
            exclude: ["Golden"],
            swiftSettings: common),
        .testTarget(
            name: "ReplayTests",
            dependencies: ["Fingerprints", "Format", "Replay", "Storage", systemPackage],
            swiftSettings: common),
        .testTarget(
            name: "TrainingTests",
            dependencies: ["CLibrary", "Kernels", "Models", "Random", "RankFixtures", "Ranks", "Seeds", "Training"],
            swiftSettings: common),
        .testTarget(
            name: "GeneratorTrainingTests",
            dependencies: [
                "Corpus", "Fixtures", "GeneratorTraining", "Kernels", "Models", "Random", "Storage", "Training",
                systemPackage,
            ],
            swiftSettings: common),
        .testTarget(
            name: "GenerateTests",
            dependencies: [
                "Corpus", "Fixtures", "Format", "Generate", "Kernels", "Models", "Random", "Seeds", "Storage",
                systemPackage,
            ],
            swiftSettings: common),
        .testTarget(
            name: "TrainTests",
            dependencies: [
                "CLibrary", "Fingerprints", "Fixtures", "Format", "Kernels", "Models", "Random", "RankFixtures",
                "Ranks", "Replay", "Seeds", "Storage",
                "Train", "Training", systemPackage,
            ],
            swiftSettings: common),
        .testTarget(
            name: "FinetuningTests",
            dependencies: [
                "CLibrary", "Corpus", "Finetuning", "Fixtures", "JSON", "Kernels", "Models", "Random", "Storage",
                "Training", systemPackage,
            ],
            swiftSettings: common),
        .testTarget(
            name: "ScoringTests",
            dependencies: [
                "CLibrary", "Corpus", "Fixtures", "Kernels", "Models", "Random", "Scoring", "Storage", systemPackage,
            ],
            swiftSettings: common),
        .testTarget(
            name: "InspectTests",
            dependencies: [
                "CLibrary", "Fixtures", "Format", "Inspect", "Page", "Random", "Replay", "Storage", systemPackage,
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: common),
        .testTarget(
            name: "ReportTests", dependencies: ["Fixtures", "Page", "Report", "Storage", systemPackage],
            swiftSettings: common),
        .testTarget(name: "TerminalTests", dependencies: ["Terminal"], swiftSettings: common),
        .testTarget(
            name: "CommandLineTests",
            dependencies: ["FastElectra", "Seeds"],
            exclude: ["Programs"],
            swiftSettings: common),
    ]
)

if let messagePassing {
    package.targets += [
        .systemLibrary(name: "CMPI", pkgConfig: messagePassing),
        .target(
            name: "MessagePassing", dependencies: ["CLibrary", "CMPI", "Kernels", "Ranks"],
            swiftSettings: common),
    ]
}
