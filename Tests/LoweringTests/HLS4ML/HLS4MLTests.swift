import Configuration
import Diagnostics
import FixedPoint
import Model
import Program
import Testing

@testable import Lowering

@Suite("The hls4ml policy")
struct HLS4MLTests {
  /// Decimals as Python's format and a C++ stream make them (numerics.md, point 7).
  @Test(arguments: [
    (-3e-11, 10, 0.0), (0.05, 1, 0.1), (0.25, 1, 0.2), (0.75, 1, 0.8), (2.5, 0, 2.0), (3.5, 0, 4.0),
    (-0.4999999999, 10, -0.4999999999), (0.273134738, 10, 0.273134738), (1e-30, 4, 0.0),
  ])
  func weightsPassThroughDecimals(value: Double, decimals: Int, expected: Double) {
    #expect(HLSWeight.printed(value, decimals: decimals) == expected)
  }

  /// What hls4ml 1.3.0's `_get_precision_from_constant` answers.
  @Test(arguments: [
    (0.3, "ufixed<8,-1,TRN,WRAP,0>"), (0.125, "ufixed<1,-2,TRN,WRAP,0>"), (1.0, "ufixed<1,1,TRN,WRAP,0>"),
    (0.0, "ufixed<1,1,TRN,WRAP,0>"), (-0.7, "fixed<9,1,TRN,WRAP,0>"), (5.5, "ufixed<4,3,TRN,WRAP,0>"),
    (0.699999988079071, "ufixed<8,0,TRN,WRAP,0>"), (-2.0, "fixed<1,2,TRN,WRAP,0>"),
    (1000.1, "ufixed<8,10,TRN,WRAP,0>"), (-0.1, "fixed<9,-2,TRN,WRAP,0>"),
  ])
  func constantsGetSmallTypes(value: Double, expected: String) {
    #expect(HLSPrecision.smallest(holding: value).description == expected)
  }

  @Test func everythingThatHLS4MLCannotDoIsReportedAtOnce() throws {
    var small = SmallModel([3])
    small.add("a", "Activation", .activation(.swish), activation: "swish")
    small.add("b", "Activation", .activation(.gelu(approximate: true)), activation: "gelu")
    let model = small.model
    do {
      _ = try lowerAsHLS4ML(model, .flat)
      Issue.record("swish was lowered")
    } catch {
      #expect(error.kind == .badInput)
      #expect(error.diagnostics.map(\.place) == ["layers[1]", "layers[2]"])
      #expect(error.diagnostics.allSatisfy { $0.hint != nil })
    }
  }

  @Test func typesThatAreTooWideAreRefusedByLayer() throws {
    var small = SmallModel([3])
    small.batchNormalization("b")
    var configuration = Configuration.automatic
    configuration.setLayer("inp", LayerSettings(precision: ["result": .format(FixedFormat(120, 60))]))
    #expect(throws: Failure.self) { try lowerAsHLS4ML(small.model, configuration) }
  }

  @Test func settingsForLayersThatAreNotThereAreWarnings() throws {
    var small = SmallModel([3])
    small.dense("fc1", 2)
    var configuration = Configuration.flat
    configuration.setLayer("fc1_linear", LayerSettings())
    configuration.setLayer("fc2", LayerSettings())
    let lowered = try lowerAsHLS4ML(small.model, configuration)
    #expect(lowered.warnings.count == 1)
    #expect(lowered.warnings.first?.message.contains("fc2") == true)
  }

  @Test func theOrderOfAdditionsIsKeptOnlyWhereItShows() throws {
    var small = SmallModel([4])
    small.dense("d", 2)
    var configuration = Configuration.flat
    configuration.model.strategy = .resource
    configuration.model.reuseFactor = 2
    func order() throws -> AccumulationOrder? {
      for instruction in try lowerAsHLS4ML(small.model, configuration).program.instructions {
        if case .affine(let affine) = instruction.operation { return affine.order }
      }
      return nil
    }
    #expect(try order() == .natural)
    configuration.model.precision["accum"] = .format(FixedFormat(10, 4, .rnd, .sat))
    #expect(try order() == .strided(2))
  }

  @Test func passesCanBeWatched() throws {
    var small = SmallModel([3])
    small.dense("d", 2)
    var seen: [String] = []
    _ = try lowerAsHLS4ML(small.model, .flat) { pass, graph in
      seen.append(pass)
      #expect(graph().hasPrefix("inp: Input"))
    }
    #expect(seen.first == "build")
    #expect(seen.contains("convert: eliminate_linear_activation"))
  }
}
