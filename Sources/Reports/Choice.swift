import Diagnostics
import Foundation
import Program
import Scheduling

extension Budget {
  /// The limits of a search for a target: shares become amounts, rounded down.
  ///
  /// - Throws: `usage` for shares of a part whose size is not known.
  public func searchLimits(_ target: Target) throws(Failure) -> SearchLimits {
    let part = target.choice.part
    let available = part?.available ?? .unlimited
    if part == nil, limits.values.contains(where: { if case .percent = $0 { true } else { false } }) {
      throw Failure(
        .usage, "a limit is a share of part \(target.part), whose size is not known",
        hint: "write it as an amount")
    }
    var most = available
    for (path, field) in Self.fields {
      switch limits[path] {
      case .amount(let amount): most[keyPath: field] = min(most[keyPath: field], amount)
      case .percent(let share):
        let amount = (share / 100 * Double(available[keyPath: field])).rounded(.down)
        most[keyPath: field] = min(most[keyPath: field], Int(min(amount, 1e15)))
      case nil: continue
      }
    }
    return SearchLimits(
      latency: latency?.cycles(clockPeriod: target.clockPeriod), interval: interval, resources: most)
  }

  private static var fields: [(KeyPath<Report.Amounts, Int> & Sendable, WritableKeyPath<Resources, Int>)] {
    [(\.dsp, \.dsp), (\.lut, \.lut), (\.ff, \.ff), (\.bram, \.bram), (\.uram, \.uram)]
  }
}

extension FoundDesign {
  /// What was chosen, by which objective, and whether anything can be better: for people.
  public var explanation: [String] {
    let proof: String
    if isOptimal {
      proof = "no design within the limits is better (proven)"
    } else if bound > 0 {
      proof =
        "no design within the limits has less than \(percent(bound)): at most "
        + "\(percent(share / bound - 1)) above the best"
    } else {
      proof = "the best that was tried (\(design.ioType.rawValue): not proven)"
    }
    return [
      "chosen for the least largest share of the part, then the fewest LUTs: \(percent(share)) of "
        + (design.target.choice.part == nil ? "a VU13P, in place of the part; " : "the part; ")
        + proof,
      "chosen: \(design.choices)",
    ]
  }
}

extension NearMiss {
  /// The limits it would need, and what it is.
  public var explanation: String {
    let amounts = design.resources
    return "needs \(needs.joined(separator: ", ")): \(design.latency) cycles, interval \(design.interval), "
      + "\(amounts.dsp) DSP, \(amounts.lut) LUT, \(amounts.ff) FF, \(amounts.bram) BRAM18 with \(design.choices)"
  }
}

extension Design {
  /// Strategy and reuse factor of every layer that has them, in order: "fc1 latency 1, fc2 resource 32".
  public var choices: String {
    layerChoices.map { "\($0.layer) \($0.strategy.rawValue) \($0.reuseFactor)" }.joined(separator: ", ")
  }

  /// Strategy and reuse factor of the layers with a choice, in order of execution.
  var layerChoices: [(layer: String, strategy: Strategy, reuseFactor: Int)] {
    var seen: Set<Int> = []
    var choices: [(String, Strategy, Int)] = []
    for (index, instruction) in program.instructions.enumerated() {
      guard let layer = instruction.layer else { continue }
      if let reuse = treeReuse(layer: layer) {
        if seen.insert(layer).inserted { choices.append((program.layers[layer].name, .latency, reuse)) }
        continue
      }
      let multiplying = self.choices(at: index).first {
        if case .affine = $0.operation { true } else { false }
      }
      guard let choice = multiplying?.choice, seen.insert(layer).inserted else { continue }
      choices.append((program.layers[layer].name, choice.strategy, choice.reuseFactor))
    }
    return choices
  }
}
