import Configuration
import Diagnostics
import Emulator
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
  /// Cases of other groups, most of which have no reference but hls4ml.
  static let others = ReferenceCase.names(ofGroup: "layers").filter { $0 == "k3_multiheadattention" }
  static let supported =
    groups.flatMap { ReferenceCase.names(ofGroup: $0) }.filter { !notYet.contains($0) } + others

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

  /// Cases that hls4ml converts and computes rightly, or as it does; the others have no numbers of it.
  static let converted = ReferenceCase.names(ofGroup: "hgq2").filter {
    ((try? ReferenceCase($0).hls4ml.isEmpty) ?? true) == false
  }

  @Test("hls4ml is its C simulation, on every path of the emulator", arguments: converted)
  func hls4ml(name: String) throws {
    let golden = try ReferenceCase(name)
    for (_, configuration, sets) in golden.hls4ml {
      let lowered = try lowerAsHLS4ML(
        try golden.model(), try Configuration.load(configuration).configuration)
      let report = try golden.compare(lowered.program, sets, limit: 10)
      #expect(report.words > 0 && report.unequal == 0, "\(report.summary) \(report.examples)")
      #expect(try golden.compareTypes(lowered.layers) == [])
      var paths = InstructionSet.available.map { EmulatorOptions(path: .fast, instructionSet: $0) }
      paths.append(EmulatorOptions(path: .general))
      for set in sets {
        let inputs = try set.inputs.map { EventData.float64(try GoldenCase.read($0).values) }
        let expected = try set.outputs.map { try GoldenCase.read($0).values }
        for options in paths {
          #expect(
            try Emulator(lowered.program, options: options).values(inputs) == expected,
            "\(set.inputs[0]) on \(options)")
        }
      }
    }
  }

  /// What hls4ml hands to da4ml's tracer, and then does not compute; slices, which its converter fails on.
  @Test(
    "hls4ml refuses by name what it cannot compute",
    .enabled(if: ReferenceCase.hasShared, "no ../shared/golden2"),
    arguments: [
      ("hgq2_denset", "QDenseT"), ("hgq2_lut_affined", "QAffinedUnaryFunctionLUT"),
      ("hgq2_mha_three", "QMultiHeadAttention"), ("hgq2_mha_self", "QMultiHeadAttention"),
      ("hgq2_sum_mean", "QSum"), ("hgq2_jedi_linear", "QSum"), ("hgq2_slice_concat", "Slice"),
      ("hgq2_reshape_concat_slice", "Slice"),
    ])
  func unconverted(name: String, className: String) throws {
    let golden = try ReferenceCase(name)
    let failure = #expect(throws: Failure.self) { try lowerAsHLS4ML(golden.model(), Configuration()) }
    let messages = failure?.diagnostics.map { "\($0)" } ?? []
    #expect(failure?.kind == .badInput && messages.contains { $0.contains(className) }, "\(messages)")
    #expect(failure?.diagnostics.allSatisfy { $0.hint == "--numerics exact computes it" } == true)
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
