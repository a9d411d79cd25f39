import Foundation
import Testing

/// `evaluate` on reports of whole networks, as a user has them.
@Suite struct EvaluateCommandTests {
  /// A report in the vendor's form.
  private func report(dsp: Int, interval: Int) -> String {
    """
    <profile><UserAssignments><Part>xc7z020clg400-1</Part><TargetClockPeriod>5.00</TargetClockPeriod>
    <ClockUncertainty>0.62</ClockUncertainty></UserAssignments>
    <PerformanceEstimates><SummaryOfOverallLatency><Worst-caseLatency>30</Worst-caseLatency>
    <Interval-max>\(interval)</Interval-max></SummaryOfOverallLatency></PerformanceEstimates>
    <AreaEstimates><Resources><BRAM_18K>4</BRAM_18K><DSP>\(dsp)</DSP><FF>20000</FF><LUT>90000</LUT></Resources>
    </AreaEstimates></profile>
    """
  }

  private struct Evaluation: Decodable {
    struct Group: Decodable {
      var name: String
      var designs: Int
      var median, covered: [String: Double]
    }
    struct Sample: Decodable {
      var name, network: String
      var estimate, measured: [Int]
      var factors: [Double]
    }
    struct Transfer: Decodable { var factor, within: [String: Double] }
    var groups: [Group]
    var samples: [Sample]?
    var transfer: Transfer?
  }

  private func evaluate(_ folder: String) throws -> Evaluation {
    let result = try CommandLine.run("evaluate", folder, "--json")
    #expect(result.status == 0, "\(result.errors)")
    return try JSONDecoder().decode(Evaluation.self, from: Data(result.output.utf8))
  }

  @Test func reportsOfNetworksAreHeldAgainstTheModel() throws {
    let scratch = try Scratch()
    let tagger = CommandLine.root.appendingPathComponent("models/jet_tagger")
    let designs = [
      ("one_DSP_reuse1", 300, 1), ("one_LUT_reuse1", 0, 1), ("one_DSP_reuse2", 300, 2), ("two_reuse1", 50, 1),
    ]
    for (name, dsp, interval) in designs {
      for (from, to) in [
        ("hls.yml", "_hls4ml_config.yml"), ("jet_tagger.json", "_keras_model.json"),
        ("jet_tagger_weights.h5", "_keras_model_weights.h5"),
      ] {
        try FileManager.default.copyItem(
          at: tagger.appendingPathComponent(from), to: URL(fileURLWithPath: scratch[name + to]))
      }
      _ = try scratch.write(report(dsp: dsp, interval: interval), to: name + "_csynth.xml")
    }
    let evaluation = try evaluate(scratch.url.path)
    #expect(evaluation.groups.map(\.name) == ["all", "reuse 1", "reuse above 1", "one", "two"])
    #expect(evaluation.groups.map(\.designs) == [4, 3, 1, 3, 1])
    let samples = try #require(evaluation.samples)
    #expect(samples.map(\.network) == ["one", "one", "one", "two"])
    #expect(samples[0].measured == [90000, 20000, 300, 4, 30, 1])
    let dsps = samples.map { $0.estimate[2] }
    // In the order of the names: all multipliers in DSPs at reuse 1 and 2, none, and what the tool likes.
    #expect(dsps[2] == 0 && dsps[0] > dsps[3] && dsps[3] > 0, "\(dsps)")
    #expect(samples.map { $0.estimate[5] } == [1, 2, 1, 1])
    #expect(samples.allSatisfy { $0.factors.allSatisfy { $0 >= 1 } })
    #expect(evaluation.transfer != nil)
    let text = try CommandLine.run("evaluate", scratch.url.path)
    #expect(text.output.contains("one network left out"), "\(text.output)")
  }

  @Test func whatIsMissingIsNamed() throws {
    let scratch = try Scratch()
    #expect(try CommandLine.run("evaluate", scratch.url.path).status == 65)
    _ = try scratch.write(report(dsp: 1, interval: 1), to: "a_csynth.xml")
    _ = try scratch.write("<html/>", to: "b_csynth.xml")
    let result = try CommandLine.run("evaluate", scratch.url.path)
    #expect(result.status == 65)
    #expect(result.errors.contains("a_csynth.xml: error: has no model and hls4ml configuration beside it"))
    #expect(result.errors.contains("b_csynth.xml: error: is not a C-synthesis report"), "\(result.errors)")
  }

  private static let reports: String? = {
    let shared = ProcessInfo.processInfo.environment["TRIGGERFISH_SHARED"].map { URL(fileURLWithPath: $0) }
    let folder = (shared ?? CommandLine.root.appendingPathComponent("../shared")).appendingPathComponent(
      "data/csynth")
    return FileManager.default.fileExists(atPath: folder.path) ? folder.path : nil
  }()

  /// Vitis reports of three networks of others. They were looked at while the model was made: bounds against getting worse
  /// (docs/cost-model.md).
  @Test(.enabled(if: reports != nil, "no synthesis reports beside the package (../shared)"))
  func estimatesOfWholeNetworksStayInTheirBounds() throws {
    let evaluation = try evaluate(try #require(Self.reports))
    let fast = try #require(evaluation.groups.first { $0.name == "reuse 1" })
    for (figure, bound) in [("cycles", 15.0), ("LUT", 25), ("FF", 25), ("DSP", 25)] {
      #expect(fast.median[figure] ?? 100 <= bound, "\(figure)")
      for group in evaluation.groups {
        #expect(group.median[figure] ?? 100 <= 25, "\(figure) of \(group.name)")
      }
    }
    for figure in ["cycles", "LUT", "FF", "DSP"] {
      #expect(evaluation.groups[0].covered[figure] ?? 0 >= 68, "\(figure)")
      // Bars made from two networks hold for the third.
      #expect(evaluation.transfer?.within[figure] ?? 0 >= 60, "\(figure)")
    }
  }
}
