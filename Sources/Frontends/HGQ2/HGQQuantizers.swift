import Diagnostics
import FixedPoint
import Model
import Storage

/// A quantizer's settings of HGQ2: class `QuantizerConfig`, or one of the two that fix some of its settings.
struct HGQQuantizerConfig {
  private let node: JSONNode
  private let settings: KerasConfig
  private let className: String

  /// Reads what stands in `iq_conf`, `kq_conf` and the like.
  init(_ node: JSONNode) throws(Failure) {
    self.node = node
    className = KerasClass(node).name
    settings = KerasConfig(node: node["config"] ?? node)
    guard Self.classes.contains(className) else {
      throw Failure(
        node.diagnostic(
          "quantizers of class \(className) are not supported",
          hint: nearest(to: className, in: Self.classes).map { "did you mean \($0)?" }))
    }
  }

  private static let classes = ["QuantizerConfig", "HardTanhConfig", "HardSigmoidConfig"]

  /// Whether it changes nothing.
  var isDummy: Bool { settings["q_type"]?.string == "dummy" }

  /// Whether it makes another number of 0: what is added after the rounding.
  func movesZero() throws(Failure) -> Bool {
    let affine = try affine()
    return !isDummy && (affine?.offset ?? 0) != 0
  }

  /// The quantizer with the bits that training found, over the axes of a tensor.
  ///
  /// - Parameters:
  ///   - variables: where its bits are.
  ///   - shape: of the tensor it quantizes, without the batch.
  ///   - hasBatch: whether the bits have an axis for the batch.
  /// - Returns: nil for a quantizer that changes nothing.
  func quantizer(_ variables: HGQVariables, over shape: [Int], hasBatch: Bool) throws(Failure) -> Quantizer? {
    let type = try settings.choice("q_type", ["kif", "kbi", "float", "dummy", "default"], default: "default")
    if type == "dummy" { return nil }
    let place = try settings.choice("place", ["datalane", "weight", "bias", "table"], default: "datalane")
    let isKIF = type == "kif" || (type == "default" && place == "datalane")
    guard type != "float" else {
      throw Failure(
        node.diagnostic("quantizers of q_type float are not supported", hint: "train with q_type kif or kbi"))
    }
    if let mapper = settings["bw_mapper"], KerasClass(mapper).name != "DefaultBitwidthMapper" {
      throw Failure(mapper.diagnostic("bit-width mappers of the owner's own are not supported"))
    }
    let (rounding, overflow) = (try self.rounding(), try self.overflow())
    func bits(_ name: String, _ position: Int) throws(Failure) -> Elements<Int> {
      try self.bits(try variables.read(name, position, shape: nil), name, over: shape, hasBatch: hasBatch)
    }
    // Trainable variables come first, and i is trained only where values do not wrap.
    let isWrapping = overflow == .wrap
    let first = try bits(isKIF ? (isWrapping ? "f" : "i") : "b", 0)
    let second = try bits(isWrapping ? "k" : isKIF ? "f" : "i", 1)
    let third = try bits(isWrapping ? "i" : "k", 2)
    let (k, i) = isWrapping ? (second, third) : (third, isKIF ? first : second)
    let other = isKIF ? (isWrapping ? first : second) : first
    let f = isKIF ? other : try difference(other, i)
    guard k.values.allSatisfy({ (0...1).contains($0) }) else {
      throw node.failure("a quantizer's k is neither 0 nor 1")
    }
    let isWeight = try settings.boolean("is_weight", default: place == "weight")
    let isTrained = try settings.boolean("trainable", default: true)
    let isUnbounded = isWrapping && isWeight && isTrained && (isKIF || rounding == .rnd)
    return .fixed(
      FixedQuantizer(
        isSigned: k.map { $0 == 1 }, integerBits: i, fractionBits: f, rounding: rounding, overflow: overflow,
        isUnbounded: isUnbounded, scaler: try scaler(), affine: try affine()))
  }

  // MARK: Settings

  private func rounding() throws(Failure) -> Rounding {
    let name = settings["round_mode"]?.string ?? "RND"
    // The S_ forms are stochastic in training only.
    let plain = name.uppercased().hasPrefix("S_") ? String(name.uppercased().dropFirst(2)) : name.uppercased()
    guard let mode = Rounding(rawValue: plain) else {
      throw Failure(
        (settings["round_mode"] ?? node).diagnostic(
          "the rounding mode \(name) is not supported",
          hint:
            "supported are \(Rounding.allCases.map(\.rawValue).joined(separator: ", ")), and these with S_ before them"
        ))
    }
    return mode
  }

  private func overflow() throws(Failure) -> Overflow {
    switch className {
    case "HardTanhConfig": return try settings.boolean("symmetric", default: false) ? .satSym : .sat
    case "HardSigmoidConfig": return .sat
    default: break
    }
    guard let name = settings["overflow_mode"]?.string else {
      let place = settings["place"]?.string
      return place == "weight" || place == "table" ? .satSym : .wrap
    }
    guard let mode = Self.overflows.first(where: { $0.rawValue == name.uppercased() }) else {
      throw Failure(
        (settings["overflow_mode"] ?? node).diagnostic(
          "the overflow mode \(name) is not supported",
          hint: "supported are \(Self.overflows.map(\.rawValue).joined(separator: ", "))"))
    }
    return mode
  }

  private static let overflows: [Overflow] = [.wrap, .sat, .satSym]

  private func scaler() throws(Failure) -> Double? {
    guard settings["scaler"] != nil else { return nil }
    let value = try settings.number("scaler")
    guard Float(value) != 0, Float(value).isFinite else {
      throw node.failure("a quantizer's scaler is 0 or too large")
    }
    return Double(Float(value))
  }

  private func affine() throws(Failure) -> FixedQuantizer.Affine? {
    if className == "HardSigmoidConfig" { return FixedQuantizer.Affine(scale: 0.25, offset: 0.5) }
    guard let node = settings["affine"] else { return nil }
    guard let elements = node.elements, elements.count == 2 else {
      throw Failure(node.diagnostic("affine must be a factor and an offset, not \(node.short)"))
    }
    return FixedQuantizer.Affine(
      scale: Double(Float(try elements[0].finite())), offset: Double(Float(try elements[1].finite())))
  }

  // MARK: Bits

  /// More bits than any word has, and few enough to add.
  private static let bitLimit = 1 << 10

  /// Bits as training uses them, rounded half to even, laid along the axes of a tensor.
  private func bits(_ raw: Weights, _ name: String, over shape: [Int], hasBatch: Bool) throws(Failure)
    -> Elements<Int>
  {
    var own = raw.shape
    if hasBatch, own.count == shape.count + 1, own[0] == 1 { own.removeFirst() }
    guard own.count <= shape.count, zip(own.reversed(), shape.reversed()).allSatisfy({ $0 == 1 || $0 == $1 })
    else {
      throw node.failure(
        "a quantizer's \(name) of shape \(raw.shape) does not fit the shape \(shape) of what it quantizes")
    }
    var values: [Int] = []
    for value in raw.values {
      let rounded = value.rounded(.toNearestOrEven)
      guard abs(rounded) <= Double(Self.bitLimit) else {
        throw node.failure("a quantizer has \(value) bits (\(name)); at most \(Self.bitLimit) are read")
      }
      values.append(Int(rounded))
    }
    return Elements(shape: own, values: values)
  }

  private func difference(_ a: Elements<Int>, _ b: Elements<Int>) throws(Failure) -> Elements<Int> {
    guard let shape = broadcastShape(a.shape, b.shape), let a = a.broadcast(to: shape),
      let b = b.broadcast(to: shape)
    else { throw node.failure("a quantizer's b and i are of shapes \(a.shape) and \(b.shape)") }
    return Elements(shape: shape, values: zip(a.values, b.values).map { $0 - $1 })
  }
}

extension JSONNode {
  /// A failure of one problem at this place.
  fileprivate func failure(_ message: String) -> Failure { Failure(diagnostic(message)) }
}
