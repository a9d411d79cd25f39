import Foundation
import Testing

/// What it takes to compile all kernels and the program that calls them (Tests/KernelTestSupport), and to run it on a processor
/// that this machine is not.
struct Compiling {
  struct Failed: Error, CustomStringConvertible {
    var description: String
  }

  static let package = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Swift's own clang, which compiles the package too; libraries and linker come with the system's gcc.
  static let compiler: URL? = {
    let toolchain = tool("swift")?.resolvingSymlinksInPath().deletingLastPathComponent()
    let compilers = [toolchain?.appendingPathComponent("clang"), tool("clang")].compactMap(\.self)
    return compilers.first { FileManager.default.isExecutableFile(atPath: $0.path) }
  }()

  /// Compiles the program. Kernels for other architectures are nothing.
  static func build(_ program: URL, with compiler: URL, _ options: [String]) throws {
    let kernels = package.appendingPathComponent("Sources/CKernels")
    let support = package.appendingPathComponent("Tests/KernelTestSupport")
    let files = try [kernels, support].flatMap {
      try FileManager.default.contentsOfDirectory(at: $0, includingPropertiesForKeys: nil)
    }
    let sources = files.filter { $0.pathExtension == "c" }.map(\.path).sorted()
    // -O2 is what Swift's release builds take: the code that is tested is the code that is used.
    _ = try output(
      of: compiler,
      options + [
        "-O2", "-Wall", "-Wextra", "-Werror", "-static", "-DTF_REPORT_MAIN",
        "-I", kernels.appendingPathComponent("include").path,
        "-I", support.appendingPathComponent("include").path, "-o", program.path,
      ] + sources)
  }

  /// What a program prints; one that fails throws.
  static func output(of tool: URL, _ arguments: [String], in folder: URL? = nil) throws
    -> String
  {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = tool
    process.arguments = arguments
    process.currentDirectoryURL = folder
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
  static func tool(_ name: String) -> URL? {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
      .map { URL(fileURLWithPath: String($0)).appendingPathComponent(name) }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) }
  }
}

/// An arm64 processor, by qemu.
struct ARMTools {
  static let notice: Comment =
    "needs a compiler, libraries and an emulator for arm64: run scripts/setup.sh --arm64"

  /// nil where something is missing.
  static let found: ARMTools? = {
    guard let compiler = Compiling.compiler, Compiling.tool("aarch64-linux-gnu-gcc") != nil,
      FileManager.default.fileExists(atPath: "/usr/aarch64-linux-gnu/lib/libc.a"),
      let emulator = Compiling.tool("qemu-aarch64") ?? Compiling.tool("qemu-aarch64-static")
    else { return nil }
    return ARMTools(compiler: compiler, emulator: emulator)
  }()

  private let compiler: URL
  private let emulator: URL

  /// What the program prints that calls all kernels.
  func report(in folder: URL) throws -> String {
    let program = folder.appendingPathComponent("report")
    try Compiling.build(program, with: compiler, ["--target=aarch64-linux-gnu"])
    return try Compiling.output(of: emulator, [program.path])
  }
}

/// An x86-64 processor with AVX-512, by Bochs, without a system: the program is loaded and served by Machine/machine.c.
struct AVX512Tools {
  static let notice: Comment =
    "needs an emulator of a processor with AVX-512 and a boot loader for it: run scripts/setup.sh --avx512"

  /// nil where something is missing.
  static let found: AVX512Tools? = {
    let needed = [bios, screen] + loader
    guard let compiler = Compiling.compiler, Compiling.tool("bochs") != nil, Compiling.tool("ld") != nil,
      Compiling.tool("objcopy") != nil, let disk = Compiling.tool("xorriso"),
      let terminal = Compiling.tool("script"),
      needed.allSatisfy({ FileManager.default.fileExists(atPath: $0) })
    else { return nil }
    return AVX512Tools(compiler: compiler, disk: disk, terminal: terminal)
  }()

  private static let bios = "/usr/share/bochs/BIOS-bochs-latest"
  private static let screen = "/usr/share/bochs/VGABIOS-lgpl-latest"
  private static let loader =
    ["/usr/lib/ISOLINUX/isolinux.bin"]
    + ["ldlinux", "mboot", "libcom32"].map { "/usr/lib/syslinux/modules/bios/\($0).c32" }

  private let compiler: URL
  private let disk: URL
  private let terminal: URL

  /// What the program prints for some instruction sets, one call of every so many.
  func report(every: Int, _ sets: [Int], in folder: URL) throws -> String {
    let boot = folder.appendingPathComponent("disk/isolinux")
    try FileManager.default.createDirectory(at: boot, withIntermediateDirectories: true)
    for file in Self.loader {
      let name = URL(fileURLWithPath: file).lastPathComponent
      try FileManager.default.copyItem(atPath: file, toPath: boot.appendingPathComponent(name).path)
    }
    // Above all that the loader puts into memory.
    try Compiling.build(
      folder.appendingPathComponent("disk/report"), with: compiler, ["-Wl,-Ttext-segment=0x10000000"])
    try buildMachine(in: folder)
    let words = ([every] + sets).map(String.init).joined(separator: " ")
    try """
    DEFAULT report
    PROMPT 0
    LABEL report
     KERNEL mboot.c32
     APPEND /machine --- /report \(words)

    """.write(to: boot.appendingPathComponent("isolinux.cfg"), atomically: true, encoding: .utf8)
    _ = try Compiling.output(
      of: disk,
      [
        "-as", "mkisofs", "-quiet", "-o", "disk.iso", "-b", "isolinux/isolinux.bin", "-c",
        "isolinux/boot.cat",
        "-no-emul-boot", "-boot-load-size", "4", "-boot-info-table", "disk",
      ], in: folder)
    return try run(in: folder)
  }

  private func buildMachine(in folder: URL) throws {
    let sources = Compiling.package.appendingPathComponent("Tests/CKernelsTests/Machine")
    for name in ["start.S", "machine.c"] {
      _ = try Compiling.output(
        of: compiler,
        [
          "-O2", "-Wall", "-Wextra", "-Werror", "-ffreestanding", "-fno-stack-protector", "-fno-pic",
          "-mno-sse",
          "-mno-red-zone", "-c", "-o", "\(name).o", sources.appendingPathComponent(name).path,
        ], in: folder)
    }
    for (tool, arguments) in [
      (
        "ld",
        [
          "-n", "-Ttext=0x100000", "-e", "start", "--no-warn-rwx-segments", "-o", "machine", "start.S.o",
          "machine.c.o",
        ]
      ),
      ("objcopy", ["-O", "binary", "machine", "disk/machine"]),
    ] {
      _ = try Compiling.output(of: #require(Compiling.tool(tool)), arguments, in: folder)
    }
  }

  private func run(in folder: URL) throws -> String {
    // So many instructions a second make the serial port's waits short.
    try """
    config_interface: textconfig
    display_library: term
    megs: 512
    romimage: file=\(Self.bios)
    vgaromimage: file=\(Self.screen)
    cpu: model=corei7_icelake_u, count=1, ips=1000000
    ata0-master: type=cdrom, path=disk.iso, status=inserted
    boot: cdrom
    com1: enabled=1, mode=file, dev=serial.txt
    log: bochs.log
    clock: sync=none

    """.write(to: folder.appendingPathComponent("bochsrc"), atomically: true, encoding: .utf8)
    // Debian's Bochs waits for its debugger to be told to go on, and its only display is a terminal.
    try "c\n".write(to: folder.appendingPathComponent("begin"), atomically: true, encoding: .utf8)
    _ = try Compiling.output(
      of: terminal, ["-qfc", "TERM=xterm exec bochs -q -f bochsrc -unlock -rc begin", "/dev/null"], in: folder
    )
    return try String(contentsOf: folder.appendingPathComponent("serial.txt"), encoding: .utf8)
      .replacingOccurrences(of: "\r", with: "")
  }
}
