import FixedPoint

/// The textual form of a program, one instruction per line; `Program(parsing:)` reads it back.
///
///     format 1
///     program "net"
///     layer "fc1" "Dense" -> %4
///     %0 "x" = input : [16] fixed<16,6>
///     %1 "fc1.weight" @0 = constant [1, -2, …] : [16, 64] fixed<6,1>
///     %3 "fc1.acc" @0 = affine accumulator=fixed<16,6> product=fixed<16,6> %0 %1 %2 : [64] fixed<16,6>
///     %4 "fc1" @0 = requantize fixed<8,3,RND,SAT> %3 : [64] fixed<8,3,RND,SAT>
///     inputs %0
///     outputs %4
///
/// The step of a scan stands in braces, in lines of its own, with numbers of its own:
///
///     %5 "gru" @1 = scan sequences=1 keeps=last "step" {
///         %0 "x" = input : [12] fixed<16,6>
///         …
///         inputs %0 %1
///         outputs %9 %9
///       } %2 %4 : [4] fixed<16,6>
///
/// A line `missing %0` after the inputs names those whose lowest word stands for a missing number.
///
/// `@0` names the layer, by position. Attributes that have their usual value are left out. The first line is the version of
/// the form: text of another one, or of none, is refused.
extension Program: CustomStringConvertible {
  /// The version of the textual form. It changes whenever text of before would be read as something else, or not at all.
  public static let textVersion = 1

  /// The textual form, with a final newline.
  public var description: String {
    var text = "format \(Self.textVersion)\nprogram \(quoted(name))\n"
    for layer in layers {
      text += "layer \(quoted(layer.name)) \(quoted(layer.className))"
      text += layer.result.map { " -> \($0)" } ?? ""
      text += "\n"
    }
    return text + listing
  }

  /// The instructions, one per line, and which of them are inputs and outputs.
  fileprivate var listing: String {
    var text = ""
    for (index, instruction) in instructions.enumerated() {
      text += "%\(index) \(instruction)\n"
    }
    text += "inputs" + inputs.map { " \($0)" }.joined() + "\n"
    if !missing.isEmpty { text += "missing" + missing.sorted().map { " \($0)" }.joined() + "\n" }
    text += "outputs" + outputs.map { " \($0)" }.joined() + "\n"
    return text
  }
}

extension ValueID: CustomStringConvertible {
  /// `%index`.
  public var description: String { "%\(index)" }
}

extension ValueType: CustomStringConvertible {
  /// `[shape] format`.
  public var description: String { "\(shape) \(format)" }
}

extension Instruction: CustomStringConvertible {
  /// The line of this instruction, without its number.
  public var description: String {
    let words = ([operation.description] + operands.map(\.description)).joined(separator: " ")
    return "\(quoted(name))\(layer.map { " @\($0)" } ?? "") = \(words) : \(type)"
  }
}

extension Operation: CustomStringConvertible {
  /// The mnemonic and the attributes.
  public var description: String {
    switch self {
    case .input: return "input"
    case .constant(let words): return "constant \(list(words))"
    case .requantize(.uniform(let format)): return "requantize \(format)"
    case .requantize(.laid(let laid)): return "requantize \(laid.text)"
    case .affine(let affine):
      let order = if case .strided(let stride) = affine.order { " stride=\(stride)" } else { "" }
      return "affine accumulator=\(affine.accumulator)" + product(affine.product) + order
    case .contract(let contract):
      return "contract accumulator=\(contract.accumulator)" + product(contract.product)
    case .elementwise(let kind): return kind.rawValue
    case .reduce(let reduction): return "reduce \(reduction)"
    case .lookup: return "lookup"
    case .select(let comparison): return "select \(comparison.rawValue)"
    case .window(let window):
      return "window kernel=\(window.kernel) strides=\(window.strides) dilation=\(window.dilation)"
        + " before=\(window.before) after=\(window.after)"
        + (window.groups == 0 ? "" : " groups=\(window.groups)")
        + (window.padding == 0 ? "" : " padding=\(window.padding)")
    case .rearrange(let rearrangement): return rearrangement.description
    case .scan(let scan):
      // The step's own lines, in braces and indented.
      let step = scan.body.listing.split(separator: "\n").map { "    \($0)\n" }.joined()
      return
        "scan sequences=\(scan.sequences) keeps=\(scan.keeps.rawValue) \(quoted(scan.body.name)) {\n\(step)  }"
    }
  }

  private func product(_ format: FixedFormat?) -> String { format.map { " product=\($0)" } ?? "" }
}

extension LaidFormats {
  /// Their shape, the formats that occur, and the place of each element's among them: `3*2` is place 3 twice.
  fileprivate var text: String {
    var runs: [(place: Int, count: Int)] = []
    for place in places {
      if runs.last?.place == place { runs[runs.count - 1].count += 1 } else { runs.append((place, 1)) }
    }
    let formats = formats.map { $0?.description ?? "zero" }.joined(separator: ", ")
    let places = runs.map { $0.count == 1 ? "\($0.place)" : "\($0.place)*\($0.count)" }
    return "shape=\(shape) formats=[\(formats)] places=[\(places.joined(separator: ", "))]"
  }
}

extension Reduction: CustomStringConvertible {
  /// The kind and its attributes.
  public var description: String {
    switch self {
    case .sum(let accumulator, let order): "sum accumulator=\(accumulator) order=\(order.rawValue)"
    case .maximum: "maximum"
    case .minimum: "minimum"
    case .argmax: "argmax"
    }
  }
}

extension Rearrangement: CustomStringConvertible {
  /// The mnemonic and the attributes.
  public var description: String {
    switch self {
    case .reshape(let shape): "reshape \(shape)"
    case .transpose(let order): "transpose \(order)"
    case .concatenate(let axis): "concatenate axis=\(axis)"
    case .pad(let before, let after, let interior, let word):
      "pad before=\(before) after=\(after) interior=\(interior)" + (word == 0 ? "" : " word=\(word)")
    case .slice(let start, let count, let step): "slice start=\(start) count=\(count) step=\(step)"
    case .gather(let axis, let indices): "gather axis=\(axis) indices=\(indices)"
    }
  }
}

/// `[1, 2]`: as Array's own description, without its cost for long lists.
private func list(_ words: [Raw]) -> String {
  var text = "["
  for (index, word) in words.enumerated() {
    if index > 0 { text += ", " }
    // Most words are small, and a machine integer is printed much faster.
    text += Int(exactly: word).map(String.init) ?? String(word)
  }
  return text + "]"
}

/// A string in quotes with everything but printable ASCII escaped.
package func quoted(_ text: String) -> String {
  let body = text.unicodeScalars.map { scalar -> String in
    switch scalar {
    case "\"", "\\": "\\\(scalar)"
    case " "..."~": String(scalar)
    default: "\\u{\(String(scalar.value, radix: 16))}"
    }
  }
  return "\"\(body.joined())\""
}
