// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "examples",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "fast-electra", path: "..")],
    targets: [
        .executableTarget(
            name: "ShardOfLogits",
            dependencies: [
                .product(name: "Distillation", package: "fast-electra"),
                .product(name: "Format", package: "fast-electra"),
                .product(name: "Random", package: "fast-electra"),
                .product(name: "Replay", package: "fast-electra"),
            ])
    ]
)
