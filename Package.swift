// swift-tools-version: 6.1
import PackageDescription

// Modules are listed in the order data flows through them: files, Model, Program, Design, outputs.
// A module may import only modules above it (docs/architecture.md).
let package = Package(
  name: "triggerfish",
  products: [
    .library(name: "Triggerfish", targets: ["Triggerfish"]),
    // What reads files, for Fuzz/.
    .library(name: "Readers", targets: ["Storage", "DataFiles", "Configuration", "Frontends", "Program"]),
    .library(name: "TriggerfishC", type: .dynamic, targets: ["CInterface"]),
    .executable(name: "triggerfish", targets: ["Command"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
    .package(url: "https://github.com/apple/swift-protobuf", exact: "1.39.0"),
  ],
  targets: [
    .plugin(name: "VersionPlugin", capability: .buildTool()),
    .target(name: "Version", plugins: ["VersionPlugin"]),
    .target(name: "Diagnostics"),
    .target(name: "FixedPoint"),
    .target(name: "Model", dependencies: ["Diagnostics", "FixedPoint"]),
    .target(name: "Program", dependencies: ["Diagnostics", "FixedPoint"]),
    .systemLibrary(name: "CJSONC", pkgConfig: "json-c", providers: [.apt(["libjson-c-dev"])]),
    .systemLibrary(name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"])]),
    .systemLibrary(name: "CZip", pkgConfig: "libzip", providers: [.apt(["libzip-dev"])]),
    .target(name: "CHDF5Support", dependencies: ["CHDF5"]),
    .target(name: "Storage", dependencies: ["Diagnostics", "CJSONC", "CHDF5", "CHDF5Support", "CZip"]),
    .target(name: "CFileSystem"),
    .target(name: "DataFiles", dependencies: ["Diagnostics", "Storage", "CFileSystem"]),
    .target(
      name: "Configuration",
      dependencies: [
        "DataFiles", "Diagnostics", "FixedPoint", "Program", "Storage",
        .product(name: "Yams", package: "Yams"),
      ]),
    .target(
      name: "Frontends",
      dependencies: [
        "Diagnostics", "FixedPoint", "Model", "Storage", "Configuration", "Program",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ]),
    .target(
      name: "Lowering", dependencies: ["Diagnostics", "FixedPoint", "Model", "Program", "Configuration"]),
    .target(name: "Scheduling", dependencies: ["AdderGraph", "Diagnostics", "FixedPoint", "Program"]),
    .target(name: "AdderGraph", dependencies: ["Diagnostics", "FixedPoint"]),
    .target(name: "Circuit", dependencies: ["AdderGraph", "Diagnostics", "FixedPoint", "Program"]),
    .target(
      name: "Templates", path: "templates",
      resources: [
        .embedInCode("kernels"), .embedInCode("pages"), .embedInCode("project"), .embedInCode("verilog"),
      ]),
    .target(
      name: "Backends", dependencies: ["Diagnostics", "FixedPoint", "Program", "Storage", "Scheduling"]),
    .target(
      name: "HLSBackend",
      dependencies: [
        "AdderGraph", "Diagnostics", "FixedPoint", "Program", "Storage", "Scheduling", "Backends",
        "Templates",
        .product(name: "Mustache", package: "swift-mustache"),
      ]),
    .target(
      name: "VerilogBackend",
      dependencies: [
        "Diagnostics", "FixedPoint", "Program", "Storage", "Scheduling", "Backends", "Circuit", "Templates",
        .product(name: "Mustache", package: "swift-mustache"),
      ]),
    .target(name: "CKernels"),
    .target(name: "Emulator", dependencies: ["Diagnostics", "FixedPoint", "Program", "CKernels"]),
    .target(
      name: "Reports",
      dependencies: [
        "Diagnostics", "Scheduling", "Program", "FixedPoint", "Templates",
        .product(name: "Mustache", package: "swift-mustache"),
      ]),
    .target(
      name: "Triggerfish",
      dependencies: [
        "Diagnostics", "FixedPoint", "Model", "Program", "Storage", "DataFiles", "Configuration", "Frontends",
        "Lowering", "Scheduling", "Emulator", "Backends", "HLSBackend", "VerilogBackend", "Reports",
      ]),
    .executableTarget(
      name: "Command",
      dependencies: [
        "Diagnostics", "Program", "Storage", "DataFiles", "Emulator", "Scheduling", "Reports",
        "Triggerfish", "Version",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .target(
      name: "CInterface",
      dependencies: [
        "Backends", "Diagnostics", "Emulator", "FixedPoint", "Frontends", "Lowering", "Program", "Reports",
        "Scheduling", "Triggerfish", "Version",
      ]),
    .executableTarget(
      name: "triggerfish-benchmark",
      dependencies: [
        "DataFiles", "Diagnostics", "Emulator", "FixedPoint", "Frontends", "HLSBackend", "Program", "Reports",
        "Scheduling",
        "Triggerfish",
      ],
      path: "Benchmarks/Tool"),

    .executableTarget(
      name: "triggerfish-matrix", dependencies: ["AdderGraph", "Diagnostics"], path: "Benchmarks/rtl/Tool"),

    .testTarget(name: "DiagnosticsTests", dependencies: ["Diagnostics"]),
    .testTarget(name: "FixedPointTests", dependencies: ["FixedPoint"], exclude: ["vendor"]),
    .target(
      name: "TestSupport", dependencies: ["FixedPoint", "Program", "Storage"], path: "Tests/TestSupport"),
    .testTarget(name: "ProgramTests", dependencies: ["Diagnostics", "Program", "FixedPoint", "TestSupport"]),
    .testTarget(
      name: "FrontendsTests",
      dependencies: [
        "Configuration", "Diagnostics", "FixedPoint", "Frontends", "Model", "Storage", "TestSupport",
      ],
      exclude: ["Fixtures"]),
    .testTarget(
      name: "StorageTests", dependencies: ["Storage", "Diagnostics", "TestSupport"], exclude: ["Fixtures"]),
    .testTarget(
      name: "DataFilesTests", dependencies: ["DataFiles", "Diagnostics", "Storage"], exclude: ["Fixtures"]),
    .testTarget(
      name: "ConfigurationTests", dependencies: ["Configuration", "Diagnostics", "FixedPoint", "Storage"],
      exclude: ["Fixtures"]),
    .testTarget(
      name: "SchedulingTests",
      dependencies: ["Diagnostics", "FixedPoint", "Program", "Scheduling", "TestSupport"]),
    .testTarget(name: "AdderGraphTests", dependencies: ["AdderGraph", "Diagnostics", "FixedPoint"]),
    .testTarget(
      name: "CircuitTests", dependencies: ["Circuit", "Diagnostics", "FixedPoint", "Program", "TestSupport"]),
    .testTarget(
      name: "EmulatorTests",
      dependencies: ["Emulator", "CKernels", "TestSupport", "Diagnostics", "FixedPoint", "Program"]),
    .target(name: "KernelTestSupport", dependencies: ["CKernels"], path: "Tests/KernelTestSupport"),
    .testTarget(
      name: "CKernelsTests", dependencies: ["CKernels", "KernelTestSupport"], exclude: ["Machine"]),
    .testTarget(
      name: "TriggerfishTests",
      dependencies: [
        "Configuration", "DataFiles", "FixedPoint", "Model", "Program", "Reports", "Storage", "TestSupport",
        "Triggerfish",
      ]),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "Command", "Configuration", "DataFiles", "Diagnostics", "Frontends", "Model", "Program", "Reports",
        "TestSupport", "Triggerfish",
      ], exclude: ["Fixtures"]),
    .testTarget(
      name: "ReportsTests", dependencies: ["Diagnostics", "FixedPoint", "Program", "Scheduling", "Reports"]),
    .testTarget(
      name: "LoweringTests",
      dependencies: [
        "Lowering", "Configuration", "Diagnostics", "FixedPoint", "Model", "Program", "DataFiles", "Emulator",
        "Frontends", "Storage",
      ],
      exclude: ["Fixtures"]),
    .target(
      name: "HLSTestSupport",
      dependencies: ["Diagnostics", "FixedPoint", "Program", "Scheduling", "Backends", "HLSBackend"],
      path: "Tests/HLSTestSupport"),
    .testTarget(
      name: "HLSBackendTests",
      dependencies: [
        "HLSTestSupport", "Backends",
        "HLSBackend", "Diagnostics", "Emulator", "FixedPoint", "Program", "Scheduling", "TestSupport",
      ]),
    .testTarget(
      name: "VerilogBackendTests",
      dependencies: [
        "Backends", "Circuit", "Diagnostics", "FixedPoint", "GoldenSupport", "Lowering", "Program",
        "Scheduling",
        "TestSupport", "VerilogBackend",
      ]),
    .target(
      name: "GoldenSupport",
      dependencies: [
        "Diagnostics", "FixedPoint", "Model", "Program", "Storage", "DataFiles", "Configuration", "Frontends",
        "Lowering",
      ],
      path: "Tests/GoldenSupport"),
    .testTarget(
      name: "ConformanceTests",
      dependencies: [
        "HLSTestSupport",
        "GoldenSupport", "Lowering", "Diagnostics", "FixedPoint", "Program", "Scheduling", "Emulator",
        "HLSBackend", "Model", "Configuration", "Frontends", "DataFiles", "TestSupport",
      ],
      exclude: ["Golden", "Projects", "README.md"]),
    .executableTarget(
      name: "triggerfish-golden",
      dependencies: ["GoldenSupport", "Lowering", "Configuration", "Diagnostics", "Model"],
      path: "Tests/GoldenTool"),
  ],
  swiftLanguageModes: [.v6]
)
