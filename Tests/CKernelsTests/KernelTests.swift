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
    guard let text = tf_kernel_report(Int32(set)) else { return [] }
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
    let program = FileManager.default.temporaryDirectory
      .appendingPathComponent("triggerfish-kernels-\(ProcessInfo.processInfo.processIdentifier)")
    defer { try? FileManager.default.removeItem(at: program) }
    try tools.build(program)
    let lines = try tools.run(program).split(separator: "\n")
    let starts = lines.indices.filter { lines[$0].hasPrefix("set ") }
    #expect(starts.map { lines[$0] } == [TF_BASELINE, TF_DOTPROD, TF_I8MM].map { "set \($0)" })
    for (start, end) in zip(starts, starts.dropFirst() + [lines.endIndex]) {
      Self.expectBaseline(Array(lines[(start + 1)..<end]))
    }
  }
}
