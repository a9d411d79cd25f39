import Foundation
import Testing

/// What it takes to compile for arm64 and to run the result on another machine.
struct ARMTools {
  struct Failed: Error, CustomStringConvertible {
    var description: String
  }

  static let notice: Comment =
    "needs a compiler, libraries and an emulator for arm64: run scripts/setup.sh --arm64"

  /// nil where something is missing.
  static let found: ARMTools? = {
    // Swift's own clang, which compiles the package too; libraries and linker come with the system's gcc.
    let toolchain = tool("swift")?.resolvingSymlinksInPath().deletingLastPathComponent()
    let compilers = [toolchain?.appendingPathComponent("clang"), tool("clang")].compactMap(\.self)
    guard let compiler = compilers.first(where: { FileManager.default.isExecutableFile(atPath: $0.path) }),
      tool("aarch64-linux-gnu-gcc") != nil,
      FileManager.default.fileExists(atPath: "/usr/aarch64-linux-gnu/lib/libc.a"),
      let emulator = tool("qemu-aarch64") ?? tool("qemu-aarch64-static")
    else { return nil }
    return ARMTools(compiler: compiler, emulator: emulator)
  }()

  private let compiler: URL
  private let emulator: URL

  /// Compiles all kernels, those for x86-64 being nothing here, and the program that calls them.
  func build(_ program: URL) throws {
    let package = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let kernels = package.appendingPathComponent("Sources/CKernels")
    let support = package.appendingPathComponent("Tests/KernelTestSupport")
    let files = try [kernels, support].flatMap {
      try FileManager.default.contentsOfDirectory(at: $0, includingPropertiesForKeys: nil)
    }
    let sources = files.filter { $0.pathExtension == "c" }.map(\.path).sorted()
    // -O2 is what Swift's release builds take: the code that is tested is the code that is used.
    _ = try Self.output(
      of: compiler,
      [
        "--target=aarch64-linux-gnu", "-O2", "-Wall", "-Wextra", "-Werror", "-static", "-DTF_REPORT_MAIN",
        "-I", kernels.appendingPathComponent("include").path,
        "-I", support.appendingPathComponent("include").path, "-o", program.path,
      ] + sources)
  }

  /// What the program prints.
  func run(_ program: URL) throws -> String { try Self.output(of: emulator, [program.path]) }

  private static func output(of tool: URL, _ arguments: [String]) throws -> String {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = tool
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = pipe
    try process.run()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failed(description: "\(tool.lastPathComponent) ended with \(process.terminationStatus)")
    }
    return String(decoding: output, as: UTF8.self)
  }

  /// A program in PATH.
  private static func tool(_ name: String) -> URL? {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
      .map { URL(fileURLWithPath: String($0)).appendingPathComponent(name) }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) }
  }
}
