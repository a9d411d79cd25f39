import Scheduling
import Testing

/// The cost model against C-synthesis results its parameters were not fitted to.
///
/// `swift test --filter HeldOutTests` prints the errors per strategy and precision.
@Suite struct HeldOutTests {
  @Test(.enabled(if: SynthesisResult.all() != nil, "no synthesis data beside the package (../shared)"))
  func errorsStayInTheirBounds() throws {
    var all = EstimateErrors()
    var groups: [String: EstimateErrors] = [:]
    for result in try #require(SynthesisResult.all()) where result.isHeldOut {
      let estimate = try result.estimate()
      all.add(estimate, result.measured)
      groups[result.layout, default: EstimateErrors()].add(estimate, result.measured)
      groups["\(result.layout) \(result.precision) bits", default: EstimateErrors()]
        .add(estimate, result.measured)
    }
    print("held-out designs: median APE % / sMAPE % of LUT, FF, DSP, BRAM18, cycles, II; II exact")
    print(all.line("all"))
    for (name, errors) in groups.sorted(by: { ($0.key.count, $0.key) < ($1.key.count, $1.key) }) {
      print(errors.line(name))
    }
    #expect(all.count == 192)
    #expect(all.median(0) <= 0.01, "LUT")
    #expect(all.median(1) <= 0.02, "FF")
    #expect(all.median(2) <= 0.01, "DSP")
    #expect(all.median(4) <= 0.01, "cycles")
    #expect(all.intervalShare >= 0.95, "II")
    // A model that is good on most rows must not be bad on one kind of layer.
    for layout in ["latency unrolled", "latency shared", "resource unrolled", "resource shared"] {
      let errors = try #require(groups[layout])
      #expect(errors.median(0) <= 0.1, "LUT, \(layout)")
      #expect(errors.median(1) <= 0.15, "FF, \(layout)")
      #expect(errors.median(2) <= 0.05, "DSP, \(layout)")
      #expect(errors.median(4) <= 0.05, "cycles, \(layout)")
      #expect(errors.smape(0) <= 0.1, "LUT sMAPE, \(layout)")
    }
  }

  /// Two thirds of the held-out designs lie within one error bar, nearly all within three. The bars were made from
  /// these designs: this shows that each layout gets its own, not that they hold elsewhere.
  @Test(.enabled(if: SynthesisResult.all() != nil, "no synthesis data beside the package (../shared)"))
  func errorBarsCoverTheErrors() throws {
    var (within, far, count) = (0, 0, 0)
    for result in try #require(SynthesisResult.all()) where result.isHeldOut {
      let request = ScheduleRequest(
        target: vu13p, defaults: .init(strategy: result.strategy, reuseFactor: result.reuse))
      let design = try schedule(result.program(), request)
      let bars = design.uncertainty
      for (estimate, measured, sigma) in [
        (design.resources.lut, result.measured[0], bars.lut),
        (design.resources.ff, result.measured[1], bars.ff),
      ] {
        let error = Double(abs(estimate - measured)) / Double(max(measured, 1))
        count += 1
        if error <= sigma { within += 1 }
        if error > 3 * sigma { far += 1 }
      }
    }
    #expect(Double(within) / Double(count) >= 0.68)
    #expect(Double(far) / Double(count) <= 0.05)
  }
}
