import Diagnostics
import Foundation

extension ModelComparison.Distance {
  /// "same argmax on 98.4%, outputs off by 3.1% of their spread".
  public var text: String {
    let share = argmax.map { "same argmax on \(percent($0)), " } ?? ""
    return share
      + "outputs off by \(percent(relativeError)) of their spread, by at most \(String(format: "%.4g", largestError))"
  }
}

extension ModelComparison.Fault {
  /// The settings as a configuration has them, in one line of YAML.
  public var configuration: String {
    var layers: [String] = []
    for setting in settings where !layers.contains(setting.layer) { layers.append(setting.layer) }
    let parts = layers.map { layer in
      let types = settings.filter { $0.layer == layer }.map { "\($0.tensor): '\($0.type)'" }
      return "\(layer.visible): {Precision: {\(types.joined(separator: ", "))}}"
    }
    return "LayerName: {\(parts.joined(separator: ", "))}"
  }
}

extension ModelComparison {
  /// The comparison for people: a head, one line per layer, the faults and what mends them.
  public func text(_ style: TextStyle = .plain) -> String {
    var lines = [
      "\(model.visible): \(numerics) numerics against the float model on \(events) "
        + (isSynthetic
          ? "events made up from the inputs' formats (--input EVENTS compares on yours)" : "events"),
      "outputs: \(output.text)",
    ]
    if let exact { lines.append("exact numerics on the same events: \(exact.text)") }
    if isConstant { lines.append("the outputs do not depend on the input: they are the same for all events") }
    lines += [""] + inputLines + table(style) + [""]
    for layer in layers {
      // The small numbers of a bias are lost in sums that are large beside them.
      for weights in layer.weights
      where weights.misfits > 0 || (weights.tensor != "bias" && weights.relativeError > 0.05) {
        lines.append(
          "\(layer.name.visible): of \(weights.count) numbers of its \(weights.tensor) \(weights.misfits) do not fit "
            + "\(weights.format), \(weights.lost) become 0; the worst is \(number(weights.worst)), which becomes "
            + "\(number(weights.becomes)); error \(percent(weights.relativeError)) of their size")
      }
      for table in layer.tables { lines.append("\(layer.name.visible): \(table.visible)") }
    }
    if lines.last != "" { lines.append("") }
    lines += verdict(style)
    return lines.joined(separator: "\n") + "\n"
  }

  private var inputLines: [String] {
    let lines = inputs.filter { $0.saturated + $0.wrapped + $0.underflowed > 0 }.map {
      "input '\($0.name.visible)' (\($0.format)): of \($0.words) words \($0.saturated) saturate, \($0.wrapped) wrap, "
        + "\($0.underflowed) become zero; the events reach from \(number($0.low)) to \(number($0.high))"
    }
    return lines.isEmpty ? [] : lines + [""]
  }

  /// The layers at fault by name.
  private var atFault: Set<String> { Set(faults.map(\.layer)) }

  private func table(_ style: TextStyle) -> [String] {
    let hasExact = layers.contains { $0.exactError != nil }
    let hasArgmax = layers.contains { $0.output.argmax != nil }
    var head = ["layer", "class", "result", "largest error", "mean error", "relative", "own"]
    if hasExact { head.append("to exact") }
    head += ["saturated", "wrapped", "underflowed"] + (hasArgmax ? ["argmax"] : []) + ["outputs"]
    let rows = layers.map { layer in
      var row = [layer.name.visible, layer.className.visible, layer.format]
      row += [number(layer.largestError), number(layer.meanError)]
      row += [percent(layer.relativeError), percent(layer.ownError)]
      if hasExact { row.append(layer.exactError.map(percent) ?? "-") }
      row += [layer.saturated, layer.wrapped, layer.underflowed].map { "\($0)" }
      if hasArgmax { row.append(layer.output.argmax.map(percent) ?? "-") }
      return row + [percent(layer.output.relativeError)]
    }
    let lines = Report.aligned([head] + rows, numbersFrom: 3)
    return zip(lines, [nil] + layers.map { $0 as Layer? }).map { line, layer in
      guard let layer else { return style.paint(line, .bold) }
      return atFault.contains(layer.name) ? style.paint(line, .red) : line
    } + [
      "relative: to the float model's numbers; own: to what the float model makes of the program's numbers before the layer; "
        + (hasArgmax ? "argmax, outputs" : "outputs") + ": when the float model computes the rest"
    ]
  }

  private func verdict(_ style: TextStyle) -> [String] {
    if faults.isEmpty {
      return output.relativeError > 0.01
        ? [roundings] : [style.paint("no layer is at fault: the outputs are the model's", .green)]
    }
    var lines: [String] = []
    for (place, fault) in faults.enumerated() {
      let start = place == 0 ? "first layer at fault" : "then"
      lines.append(style.paint("\(start): \(fault.layer.visible)", .red))
      lines += fault.reasons.map { "  \($0.visible)" }
      if let mended = fault.mended {
        lines.append("  mended by \(fault.configuration)")
        lines.append("  which gives: \(mended.text)")
      } else {
        lines.append(
          numerics != "exact"
            ? "  no type of this layer mends it; --numerics exact computes what the model says"
            : "  more bits (--word-length) or events to choose formats from (--calibrate) may mend it")
      }
    }
    return lines
  }

  /// What is to be said where no layer is at fault by itself: that roundings add up, and where most of it is added.
  var roundings: String {
    // A layer adds what the outputs are further off when it is computed in words, too.
    let steps = layers.indices.map { place in
      layers[place].output.relativeError - (place == 0 ? 0 : layers[place - 1].output.relativeError)
    }
    let all =
      "no layer is at fault by itself: the roundings of all of them add up to outputs off by "
      + "\(percent(output.relativeError)) of their spread"
    guard let largest = steps.max(), largest > 0, let place = steps.firstIndex(of: largest) else {
      return all
    }
    let before = place == 0 ? "" : ", \(percent(layers[place - 1].output.relativeError)) before it"
    return all
      + "; '\(layers[place].name.visible)' adds most (\(percent(layers[place].output.relativeError)) with it\(before)): "
      + (numerics == "exact" ? "more bits (--word-length) round less" : "wider types there round less")
  }

  private func number(_ value: Double) -> String { String(format: "%.4g", value) }
}

/// A fraction as a percentage of at most three digits.
func percent(_ fraction: Double) -> String {
  let percent = 100 * fraction
  return percent == 0 ? "0%" : percent < 0.01 ? "<0.01%" : String(format: "%.3g%%", percent)
}
