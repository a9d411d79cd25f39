import Diagnostics
import Foundation
import Reports
import Scheduling
import Testing

/// The table of synthesis results beside the package; nil where it is absent.
private let table: String? = {
  let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
  let shared =
    ProcessInfo.processInfo.environment["TRIGGERFISH_SHARED"].map { URL(filePath: $0) }
    ?? root.appending(path: "../shared")
  return try? String(contentsOf: shared.appending(path: "data/synthesis/dense_csynth.csv"), encoding: .utf8)
}()

/// The cost model against C-synthesis results its parameters were not fitted to (`triggerfish evaluate`).
@Suite struct HeldOutTests {
  private func heldOut() throws -> [SynthesizedLayer] {
    try SynthesizedLayer.read(csv: #require(table), file: "dense_csynth.csv").filter(\.isHeldOut)
  }

  @Test(.enabled(if: table != nil, "no synthesis data beside the package (../shared)"))
  func errorsStayInTheirBounds() throws {
    let evaluation = try CostEvaluation(heldOut())
    print("held-out designs: median APE % / sMAPE %\n\(evaluation.text)")
    let all = try #require(evaluation["all"])
    #expect(all.designs == 192)
    #expect(all.median["LUT"] ?? 100 <= 1)
    #expect(all.median["FF"] ?? 100 <= 2)
    #expect(all.median["DSP"] ?? 100 <= 1)
    #expect(all.median["cycles"] ?? 100 <= 1)
    #expect(all.exactIntervals >= 95)
    // A model that is good on most rows must not be bad on one kind of layer.
    for layout in ["latency unrolled", "latency shared", "resource unrolled", "resource shared"] {
      let errors = try #require(evaluation[layout])
      #expect(errors.median["LUT"] ?? 100 <= 10, "LUT, \(layout)")
      #expect(errors.median["FF"] ?? 100 <= 15, "FF, \(layout)")
      #expect(errors.median["DSP"] ?? 100 <= 5, "DSP, \(layout)")
      #expect(errors.median["cycles"] ?? 100 <= 5, "cycles, \(layout)")
      #expect(errors.smape["LUT"] ?? 100 <= 10, "LUT sMAPE, \(layout)")
    }
  }

  /// Two thirds of the held-out designs lie within one error bar, nearly all within three. The bars were made from
  /// these designs: this shows that each layout gets its own, not that they hold elsewhere.
  @Test(.enabled(if: table != nil, "no synthesis data beside the package (../shared)"))
  func errorBarsCoverTheErrors() throws {
    var (within, far, count) = (0, 0, 0)
    for result in try heldOut() {
      let design = try result.design()
      let bars = design.uncertainty
      for (estimate, measured, factor) in [
        (design.resources.lut, result.measured[0], bars.lut),
        (design.resources.ff, result.measured[1], bars.ff),
      ] {
        count += 1
        if Uncertainty.covers(estimate, measured, factor: factor) { within += 1 }
        if !Uncertainty.covers(estimate, measured, factor: factor * factor * factor) { far += 1 }
      }
    }
    #expect(Double(within) / Double(count) >= 0.68)
    #expect(Double(far) / Double(count) <= 0.05)
  }

  private static let head =
    "model_name,d_in,d_out,prec,rf,strategy,hls_synth_success,TargetClockPeriod,BestLatency,IntervalMax,FF,LUT,"
    + "BRAM_18K,DSP"

  @Test func readsRowsAndCompares() throws {
    let csv = """
      \(Self.head)
      a,8,8,4,1,latency,true,5.0,0.0,1.0,130.0,700.0,0.0,0.0\r
      b,8,8,4,1,latency,false,,,,,,,
      """
    let layers = try SynthesizedLayer.read(csv: csv, file: "x.csv")
    #expect(layers.map(\.model) == ["a"])
    #expect(layers[0].measured == [700, 130, 0, 0, 0, 1])
    let evaluation = try CostEvaluation(layers)
    #expect(evaluation.groups.map(\.name) == ["all", "latency unrolled", "latency unrolled  4 bits"])
    let estimate = try layers[0].estimate()
    let error = 100 * Double(abs(estimate[0] - 700)) / 700
    #expect(evaluation["all"]?.median["LUT"] == error)
    #expect(evaluation["all"]?.exactIntervals == 100)
  }

  @Test func sayswhatCannotBeRead() {
    for (csv, message) in [
      ("", "x.csv: error: is empty"), ("a,b\n", "x.csv:1: error: has no column 'model_name'"),
      (
        Self.head + "\nc,0,8,4,1,latency,true,5,0,1,1,1,0,0\n",
        "x.csv:2: error: is not a result of a dense layer that can be read"
      ),
    ] {
      do {
        _ = try SynthesizedLayer.read(csv: csv, file: "x.csv")
        Issue.record("read \(csv)")
      } catch {
        #expect(error.kind == .badInput)
        #expect(error.description.contains(message), "\(error)")
      }
    }
  }
}
