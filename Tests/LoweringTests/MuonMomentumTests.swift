import Emulator
import FixedPoint
import Foundation
import Frontends
import Testing

@testable import Lowering

/// models/muon_momentum: trees that XGBoost and LightGBM trained, against the margins they recorded for the sample events.
@Suite struct MuonMomentumTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("models/muon_momentum")

  @Test(arguments: [
    ("muon_momentum.json", "outputs_xgboost.npy"), ("muon_selection.txt", "outputs_lightgbm.npy"),
  ]) func margins(_ file: String, _ outputs: String) throws {
    let events = try numpyRows(Self.folder.appendingPathComponent("events.npy"))
    let recorded = try numpyRows(Self.folder.appendingPathComponent(outputs)).flatMap { $0 }
    try #require(events.count == 2000 && recorded.count == 2000)
    let model = try loadModel(path: Self.folder.appendingPathComponent(file).path).model
    let ensemble = try #require(model.ensemble)
    let numbers = events.flatMap { $0 }
    let lowered = try lowerExactly(model, ExactOptions(wordLength: 16, calibration: [numbers]))
    // The chambers' whole numbers are words: no comparison can differ.
    let format = lowered.program[lowered.program.inputs[0]].type.format
    #expect(format.fractionBits == 0 && numbers.allSatisfy { format.value(of: format.quantize($0)) == $0 })
    let error = try #require(
      lowered.warnings.compactMap { note in
        note.message.range(of: "off by more than ").flatMap { Double(note.message[$0.upperBound...]) }
      }.first)
    #expect(error < 0.01)
    let margins = try Emulator(lowered.program).values([.float64(numbers)])[0]
    for (mine, theirs) in zip(margins, recorded) { #expect(abs(mine - theirs) <= error + ensemble.rounding) }
  }
}
