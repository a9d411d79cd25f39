// swift-tools-version: 6.1
import PackageDescription

// Fuzzing of everything that reads a file of the user's, with libFuzzer: a package of its own, because all of its modules
// are compiled with `-sanitize=fuzzer` (scripts/fuzz.sh), which the others must not be.
let package = Package(
  name: "fuzz",
  dependencies: [.package(name: "triggerfish", path: "..")],
  targets: [
    .executableTarget(
      name: "Fuzz", dependencies: [.product(name: "Readers", package: "triggerfish")])
  ],
  swiftLanguageModes: [.v6]
)
