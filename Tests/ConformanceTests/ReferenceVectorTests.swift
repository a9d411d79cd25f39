import Configuration
import Diagnostics
import GoldenSupport
import Lowering
import Testing

/// The second part of the shared vectors: models of other trainers against what their own frameworks compute.
///
/// A group that is read joins `groups`; what of it is not read yet is named in `notYet`, and has to be refused.
@Suite("Trainers' own vectors")
struct ReferenceVectorTests {
  static let groups = ["onnx", "hgq2"]
  /// Cases of these groups that are not read yet: refused by name, never with wrong words.
  static let notYet: Set<String> = ["torch_gru", "hgq2_gru", "hgq2_simplernn"]
  static let supported = groups.flatMap { ReferenceCase.names(ofGroup: $0) }.filter { !notYet.contains($0) }

  @Test(
    "The shared vectors are there",
    .enabled(if: ReferenceCase.hasShared, "no ../shared/golden2: the second part is not compared"))
  func sharedVectors() { #expect(ReferenceCase.names.count > 100 && Self.supported.count > 20) }

  @Test("exact is the framework's forward pass", arguments: supported)
  func exact(name: String) throws {
    let golden = try ReferenceCase(name)
    let model = try golden.model()
    let lowered = try golden.lowerExactly(model)
    let report = try golden.compare(lowered.program, golden.exact, limit: HLS4MLVectorTests.limit)
    #expect(report.words > 0)
    if model.isQuantized {
      #expect(report.different <= golden.otherSide, "\(report.summary) \(report.examples)")
    } else {
      // Without quantizers the words are an approximation of 16 bits.
      #expect(report.largest <= 0.02 * max(1, report.magnitude), "\(report.summary) \(report.examples)")
    }
  }

  /// Cases of ONNX models with what hls4ml's C simulation made of them.
  static let simulated = ReferenceCase.names(ofGroup: "onnx").filter {
    (try? ReferenceCase($0).hls4ml.isEmpty) == false
  }

  @Test("hls4ml is the C simulation", arguments: simulated)
  func simulation(name: String) throws {
    let golden = try ReferenceCase(name)
    let model = try golden.model()
    for (_, file, sets) in golden.hls4ml {
      let lowered = try lowerAsHLS4ML(model, try Configuration.load(file).configuration)
      let report = try golden.compare(lowered.program, sets, limit: HLS4MLVectorTests.limit)
      #expect(report.words > 0 && report.unequal == 0, "\(file): \(report.summary) \(report.examples)")
    }
  }

  @Test(
    "What is not read is refused",
    arguments: groups.flatMap { ReferenceCase.names(ofGroup: $0) }.filter(notYet.contains))
  func refused(name: String) throws {
    let golden = try ReferenceCase(name)
    do {
      _ = try golden.model()
      Issue.record("it is read now: take it off the list")
    } catch {
      #expect(error.kind == .badInput)
    }
  }
}
