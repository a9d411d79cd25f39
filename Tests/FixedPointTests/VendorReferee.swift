import FixedPoint
import Foundation
import Testing

/// The vendor's ap_types headers, compiled with the C++ compiler of this machine: the independent side of
/// every comparison in this target.
enum VendorReferee {
  /// One template instantiation of vendor/driver.h and the rows of words to run it on.
  struct Case {
    var function: String
    var inputs: Int
    var outputs: Int
    /// `inputs` words per row.
    var rows: [[Raw]]
  }

  struct Unavailable: Error, CustomStringConvertible {
    var description: String
  }

  static let package = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  static let headers: URL? = {
    let environment = ProcessInfo.processInfo.environment
    let candidates = [
      environment["TRIGGERFISH_AP_TYPES"].map { URL(fileURLWithPath: $0) },
      environment["XILINX_HLS"].map { URL(fileURLWithPath: $0).appendingPathComponent("include") },
      package.appendingPathComponent(".build/ap_types"),
    ]
    return candidates.compactMap(\.self).first {
      FileManager.default.fileExists(atPath: $0.appendingPathComponent("ap_fixed.h").path)
    }
  }()

  static let compiler: URL? = {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return folders.map { URL(fileURLWithPath: String($0)).appendingPathComponent("g++") }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) }
  }()

  static var isAvailable: Bool { headers != nil && compiler != nil }
  static let notice: Comment = "needs g++ and the vendor's headers: run scripts/fetch-ap-types.sh"

  /// The seed of every random choice; TRIGGERFISH_SEED tries others.
  static let seed = ProcessInfo.processInfo.environment["TRIGGERFISH_SEED"].flatMap { UInt64($0) } ?? 1

  /// Runs the cases; results are `outputs` words per row, in the order of the cases and rows.
  static func evaluate(_ name: String, _ cases: [Case]) throws -> [[[Raw]]] {
    let driver = try build(name, cases)
    var input = Data()
    for item in cases {
      withUnsafeBytes(of: Int64(item.rows.count)) { input.append(contentsOf: $0) }
      for word in item.rows.joined() { withUnsafeBytes(of: word) { input.append(contentsOf: $0) } }
    }
    let files = driver.appendingPathExtension("\(ProcessInfo.processInfo.processIdentifier)")
    let inputFile = files.appendingPathExtension("in")
    let outputFile = files.appendingPathExtension("out")
    try input.write(to: inputFile)
    // The header warns on standard error about harmless things, once per row.
    try run(driver, [inputFile.path, outputFile.path], quiet: true)
    let output = try Data(contentsOf: outputFile)
    try? FileManager.default.removeItem(at: inputFile)
    try? FileManager.default.removeItem(at: outputFile)
    let words = output.withUnsafeBytes { bytes in
      stride(from: 0, to: bytes.count, by: 16).map { bytes.loadUnaligned(fromByteOffset: $0, as: Raw.self) }
    }
    var rest = words[...]
    return cases.map { item in
      item.rows.map { _ in
        let row = Array(rest.prefix(item.outputs))
        rest = rest.dropFirst(item.outputs)
        return row
      }
    }
  }

  /// Compiles the driver for these cases, unless an earlier run did: the file is named by its source's hash.
  private static func build(_ name: String, _ cases: [Case]) throws -> URL {
    guard let headers, let compiler else { throw Unavailable(description: "\(notice)") }
    let header = package.appendingPathComponent("Tests/FixedPointTests/vendor/driver.h")
    var source = try String(contentsOf: header, encoding: .utf8)
    source += "\nconst Case cases[] = {\n"
    for item in cases { source += "  {\(item.function), \(item.inputs), \(item.outputs)},\n" }
    source += "};\nconst long caseCount = \(cases.count);\n"

    // FNV-1a: Swift's own hash differs from run to run.
    let hash = (source + headers.path).utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01b3
    }
    let folder = package.appendingPathComponent(".build/vendor-referee")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let driver = folder.appendingPathComponent("\(name)-\(String(hash, radix: 16))")
    if FileManager.default.isExecutableFile(atPath: driver.path) { return driver }
    let sourceFile = driver.appendingPathExtension("cpp")
    let unfinished = driver.appendingPathExtension("\(ProcessInfo.processInfo.processIdentifier)")
    try Data(source.utf8).write(to: sourceFile)
    // NDEBUG: the header asserts on shifts wider than the source word, which it then handles.
    try run(
      compiler,
      [
        "-std=c++14", "-O0", "-w", "-DNDEBUG", "-fno-exceptions", "-I", headers.path, sourceFile.path,
        "-o", unfinished.path,
      ])
    // Another test run may have put the same driver there meanwhile.
    if !FileManager.default.fileExists(atPath: driver.path) {
      try FileManager.default.moveItem(at: unfinished, to: driver)
    }
    return driver
  }

  private static func run(_ tool: URL, _ arguments: [String], quiet: Bool = false) throws {
    let process = Process()
    if quiet { process.standardError = FileHandle.nullDevice }
    process.executableURL = tool
    process.arguments = arguments
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Unavailable(
        description: "\(tool.lastPathComponent) ended with \(process.terminationStatus): \(arguments)")
    }
  }
}

extension FixedFormat {
  /// The C++ type, written here apart from the product's own spelling so that a slip there cannot hide here.
  var vendorType: String {
    let modes = "AP_\(rounding.rawValue), AP_\(overflow.rawValue), \(saturatedBits)"
    return "ap_\(isSigned ? "" : "u")fixed<\(width), \(integerBits), \(modes)>"
  }

  /// `formatOf` in vendor/driver.h.
  var packed: Raw { Raw(width * 65536 + (integerBits + 16384) * 2 + (isSigned ? 1 : 0)) }
}
