import CKernels
import Foundation
import KernelTestSupport
import Testing

/// The same calls of every kernel (Tests/KernelTestSupport), their results compared between instruction sets and
/// architectures. On x86-64 the kernels are also held against sides that are independent of them, by the tests
/// of the emulator and of conformance; what equals them here is as right as they are.
@Suite struct KernelTests {
  /// The lines of this machine's baseline.
  private static let baseline = report(TF_BASELINE)

  /// What every call left behind; empty where this machine does not have the instruction set.
  private static func report(_ set: Int) -> [Substring] {
    guard let text = tf_kernel_report(Int32(set), 1) else { return [] }
    defer { free(text) }
    return String(cString: text).split(separator: "\n")
  }

  private static func expectBaseline(_ lines: [Substring]) {
    #expect(lines.count == baseline.count)
    let different = zip(lines, baseline).filter { $0 != $1 }
    #expect(different.isEmpty, "\(different.count) calls differ: \(different.prefix(5))")
  }

  /// Otherwise nothing that follows means anything.
  @Test func everyCallDoesSomething() {
    let names = Set(Self.baseline.compactMap { $0.components(separatedBy: ": ").dropLast().joined() })
    #expect(names.count > 2000)
    #expect(names.count == Self.baseline.count)
    #expect(!Self.baseline.contains { $0.hasSuffix("nothing was written") })
  }

  @Test(
    arguments: [TF_AVX2, TF_AVX_VNNI, TF_AVX512_BW, TF_AVX512, TF_AMX].filter {
      tf_kernels_for(Int32($0)) != nil
    })
  func instructionSetsAgree(_ set: Int) {
    Self.expectBaseline(Self.report(set))
  }

  /// The kernels as they are compiled for arm64, for each of its instruction sets, run by an emulator of a processor that has all.
  @Test(.enabled(if: ARMTools.found != nil, ARMTools.notice)) func arm64Agrees() throws {
    let tools = try #require(ARMTools.found)
    try Self.inFolder { folder in
      let reports = Self.reports(in: try tools.report(in: folder))
      #expect(reports.map(\.set) == [TF_BASELINE, TF_DOTPROD, TF_I8MM])
      for report in reports { Self.expectBaseline(report.lines) }
    }
  }

  /// Whether this machine has not what `avx512Agrees` emulates.
  private static let lacksAVX512 = tf_kernels_for(Int32(TF_AVX512)) == nil

  /// The kernels of AVX-512 where there is none. An emulated call takes as long as thousands: every fifteenth is reported, or
  /// all, where TRIGGERFISH_KERNEL_CALLS says so.
  @Test(
    .enabled(if: lacksAVX512, "this machine has AVX-512"),
    .enabled(if: AVX512Tools.found != nil, AVX512Tools.notice))
  func avx512Agrees() throws {
    let tools = try #require(AVX512Tools.found)
    let every = ProcessInfo.processInfo.environment["TRIGGERFISH_KERNEL_CALLS"] == "all" ? 1 : 15
    let expected = Self.baseline.enumerated().filter { ($0.offset + 1) % every == 0 }.map(\.element)
    try Self.inFolder { folder in
      let text = try tools.report(every: every, [TF_AVX512_BW, TF_AVX512], in: folder)
      #expect(text.hasSuffix("left with 0\n"))
      let reports = Self.reports(in: text)
      #expect(reports.map(\.set) == [TF_AVX512_BW, TF_AVX512])
      for report in reports { #expect(report.lines == expected) }
    }
  }

  /// What a program printed for each instruction set.
  private static func reports(in text: String) -> [(set: Int, lines: [Substring])] {
    let lines = text.split(separator: "\n").filter { !$0.hasPrefix("left with") }
    let starts = lines.indices.filter { lines[$0].hasPrefix("set ") }
    return zip(starts, starts.dropFirst() + [lines.endIndex]).map { start, end in
      (Int(lines[start].dropFirst(4)) ?? -1, Array(lines[(start + 1)..<end]))
    }
  }

  private static func inFolder(_ work: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "triggerfish-kernels-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try work(folder)
  }
}
