import Diagnostics
import Model
import Storage

/// The parameters of QKeras 0.9's quantizers in the order of their constructors, for those spelled like a
/// call: "quantized_bits(6,0,alpha=1)".
let quantizerSignatures: [String: [String]] = [
  "quantized_bits": [
    "bits", "integer", "symmetric", "keep_negative", "alpha", "use_stochastic_rounding", "scale_axis",
    "qnoise_factor",
    "var_name", "use_ste", "use_variables",
  ],
  "quantized_linear": [
    "bits", "integer", "symmetric", "keep_negative", "alpha", "use_stochastic_rounding", "scale_axis",
    "qnoise_factor",
    "var_name", "use_variables",
  ],
  "quantized_relu": [
    "bits", "integer", "use_sigmoid", "negative_slope", "use_stochastic_rounding", "relu_upper_bound",
    "is_quantized_clip", "qnoise_factor", "var_name", "use_ste", "use_variables",
  ],
  "quantized_tanh": ["bits", "use_stochastic_rounding", "symmetric", "use_real_tanh"],
  "quantized_sigmoid": ["bits", "symmetric", "use_real_sigmoid", "use_stochastic_rounding"],
  "binary": ["use_01", "alpha", "use_stochastic_rounding"],
  "stochastic_binary": ["alpha", "temperature", "use_real_sigmoid"],
  "ternary": ["alpha", "threshold", "use_stochastic_rounding", "number_of_unrolls"],
  "stochastic_ternary": ["alpha", "threshold", "temperature", "use_real_sigmoid", "number_of_unrolls"],
  "bernoulli": ["alpha", "temperature", "use_real_sigmoid"],
  "quantized_po2": [
    "bits", "max_value", "use_stochastic_rounding", "quadratic_approximation", "log2_rounding",
    "qnoise_factor",
    "var_name", "use_ste", "use_variables",
  ],
  "quantized_relu_po2": [
    "bits", "max_value", "negative_slope", "use_stochastic_rounding", "quadratic_approximation",
    "log2_rounding",
    "qnoise_factor", "var_name", "use_ste", "use_variables",
  ],
  // QKeras writes keep_negative (always true) of this one though it cannot read it back.
  "quantized_hswish": [
    "bits", "integer", "symmetric", "keep_negative", "alpha", "use_stochastic_rounding", "scale_axis",
    "qnoise_factor", "var_name", "use_ste", "use_variables", "relu_shift", "relu_upper_bound",
  ],
]

/// Reads a quantizer: an object with class_name and config, or a string spelled like a call.
///
/// - Parameter isTrainable: QKeras turns an unset alpha of a kernel's quantizer into auto_po2.
/// - Throws: `badInput` if the quantizer is unknown, or one of its arguments unknown or impossible.
func parseQuantizer(_ node: JSONNode, isTrainable: Bool = false) throws(Failure) -> QKerasQuantizer {
  if let text = node.string {
    if let quantizer = try spelledQuantizer(text, node, isTrainable: isTrainable) { return quantizer }
    throw unknownQuantizer(text, node)
  }
  guard node["class_name"]?.string != nil else {
    throw Failure(node.diagnostic("the quantizer is \(node.short), neither a name nor a class"))
  }
  let known = KerasClass(node)
  let name = known.name
  guard known.package == .qkeras, quantizerSignatures[name] != nil else {
    throw unknownQuantizer(known.title, node)
  }
  let config = node["config"] ?? JSONNode(.object(JSONObject()), file: node.file, path: node.path)
  return try QuantizerArguments(name, config, isTrainable: isTrainable).quantizer()
}

/// Reads a quantizer spelled like a call; nil if the name before the parenthesis is no quantizer's.
func spelledQuantizer(_ text: String, _ node: JSONNode, isTrainable: Bool = false) throws(Failure)
  -> QKerasQuantizer?
{
  let name = String(text.prefix { $0 != "(" })
  guard let signature = quantizerSignatures[name] else { return nil }
  let arguments = try spelledArguments(text.dropFirst(name.count), signature, node)
  return try QuantizerArguments(name, arguments, isTrainable: isTrainable).quantizer()
}

private func unknownQuantizer(_ name: String, _ node: JSONNode) -> Failure {
  let shown = name.count > 60 ? "\(name.prefix(59))…" : name
  return Failure(
    node.diagnostic(
      "the quantizer \(shown) is not supported",
      hint: nearest(to: name, in: quantizerSignatures.keys).map { "did you mean \($0)?" }))
}

/// The arguments of a call, "(6, 0, alpha='auto')", as an object by parameter name.
private func spelledArguments(_ text: Substring, _ signature: [String], _ node: JSONNode) throws(Failure)
  -> JSONNode
{
  var object = JSONObject()
  let malformed = Failure(
    node.diagnostic(
      "\(node.short) is not spelled like a quantizer", hint: "an example: quantized_bits(6,0,alpha=1)"))
  if !text.isEmpty {
    guard text.hasPrefix("("), text.hasSuffix(")") else { throw malformed }
    let inside = text.dropFirst().dropLast()
    let parts =
      inside.allSatisfy(\.isWhitespace) ? [] : inside.split(separator: ",", omittingEmptySubsequences: false)
    for (position, part) in parts.enumerated() {
      let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(trimmed)
      guard sides.allSatisfy({ !$0.isEmpty }), position < signature.count else { throw malformed }
      let key = sides.count == 2 ? sides[0] : signature[position]
      guard object[key] == nil else { throw malformed }
      object[key] = literal(sides[sides.count - 1])
    }
  }
  return JSONNode(.object(object), file: node.file, path: node.path)
}

private func trimmed(_ text: Substring) -> String {
  String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
}

/// A Python literal: a number, True, False, None or a quoted word.
private func literal(_ text: String) -> JSONValue {
  switch text {
  case "None": return .null
  case "True": return .bool(true)
  case "False": return .bool(false)
  default: break
  }
  if let integer = Int(text) { return .integer(integer) }
  if let number = Double(text) { return .number(number) }
  let isQuoted = text.count >= 2 && text.first == text.last && (text.first == "'" || text.first == "\"")
  return .string(isQuoted ? String(text.dropFirst().dropLast()) : text)
}

/// A quantizer's class and arguments, and what they mean.
private struct QuantizerArguments {
  let name: String
  let config: KerasConfig
  let isTrainable: Bool

  init(_ name: String, _ node: JSONNode, isTrainable: Bool) throws(Failure) {
    self.name = name
    self.isTrainable = isTrainable
    config = KerasConfig(node: node)
    let known = quantizerSignatures[name] ?? []
    for (key, value) in node.members ?? [] where !known.contains(key) && !value.isNull && key != "name" {
      // QKeras writes this for quantized_hswish although its constructor has no such parameter.
      if key == "keep_negative", name == "quantized_hswish", try value.boolean() { continue }
      throw Failure(
        value.diagnostic(
          "\(name) has no parameter \(key)", hint: nearest(to: key, in: known).map { "did you mean \($0)?" }))
    }
    // A factor below 1 mixes the unquantized value in, which no hardware of this word length can hold.
    if let noise = config["qnoise_factor"], noise.number != 1 {
      throw Failure(noise.diagnostic("\(name) with qnoise_factor \(noise.short) is not supported; 1 is"))
    }
    if let rounding = config["log2_rounding"], rounding.string != "rnd" {
      throw Failure(
        rounding.diagnostic("\(name) with log2_rounding \(rounding.short) is not supported; \"rnd\" is"))
    }
    if let axis = config["scale_axis"], case .autoScale? = try? alpha() {
      throw Failure(axis.diagnostic("\(name) with a scale_axis is not supported"))
    }
  }

  func quantizer() throws(Failure) -> QKerasQuantizer {
    guard let className = QKerasQuantizer.ClassName(rawValue: name), let kind = try kind(className) else {
      throw unknownQuantizer(name, config.node)
    }
    return QKerasQuantizer(kind: kind, scale: try scale(), className: className)
  }

  /// Nil for functions and for the weights of other packages, which have no arguments.
  private func kind(_ className: QKerasQuantizer.ClassName) throws(Failure) -> QKerasQuantizer.Kind? {
    switch className {
    case .quantizedBits, .quantizedLinear:
      // QKeras makes the range symmetric when the scale is computed.
      let isAutomatic = try alpha().isAutomatic
      if className == .quantizedLinear, isAutomatic {
        throw Failure(config.node.diagnostic("quantized_linear with a computed alpha is not supported"))
      }
      return .bits(
        bits: try bits(), integer: try integer(),
        symmetric: isAutomatic ? true : try flag("symmetric", default: className == .quantizedLinear),
        keepNegative: try flag("keep_negative", default: true))
    case .quantizedReLU:
      let bound = config["relu_upper_bound"] == nil ? nil : try config.number("relu_upper_bound")
      return .relu(
        bits: try bits(), integer: try integer(), useSigmoid: try flag("use_sigmoid"),
        negativeSlope: try negativeSlope(), upperBound: bound,
        isQuantizedClip: try flag("is_quantized_clip", default: true))
    case .quantizedTanh:
      return .tanh(bits: try bits(), symmetric: try flag("symmetric"), useRealTanh: try flag("use_real_tanh"))
    case .quantizedSigmoid:
      return .sigmoid(
        bits: try bits(), symmetric: try flag("symmetric"), useRealSigmoid: try flag("use_real_sigmoid"))
    case .binary: return .binary(useZeroOne: try flag("use_01"))
    case .stochasticBinary: return .binary(useZeroOne: false)
    case .ternary, .stochasticTernary:
      let iterations = try config.perAxis("number_of_unrolls", 1, default: [5], atLeast: 0)[0]
      if try alpha().isAutomatic {
        if let threshold = config["threshold"] {
          throw Failure(threshold.diagnostic("\(name) computes its threshold when alpha is computed"))
        }
        return .ternary(threshold: nil, iterations: iterations)
      }
      return .ternary(threshold: try config.number("threshold", default: 0.33), iterations: iterations)
    case .bernoulli: return .bernoulli
    case .quantizedPowerOfTwo:
      return .powerOfTwo(
        bits: try bits(), maximum: try maximum(), quadraticApproximation: try flag("quadratic_approximation"))
    case .quantizedReLUPowerOfTwo:
      return .reluPowerOfTwo(
        bits: try bits(), maximum: try maximum(), negativeSlope: try negativeSlope(),
        quadraticApproximation: try flag("quadratic_approximation"))
    case .binaryTanh, .ternaryTanh, .binaryDense, .ternaryDense: return nil
    case .quantizedHardSwish:
      let (shift, bound) = (
        try config.number("relu_shift", default: 3), try config.number("relu_upper_bound", default: 6)
      )
      guard shift > 0, bound > 0 else {
        throw Failure(
          config.node.diagnostic("quantized_hswish needs a positive relu_shift and relu_upper_bound"))
      }
      return .hardSwish(
        bits: try bits(), integer: try integer(),
        symmetric: try alpha().isAutomatic ? true : try flag("symmetric"),
        relu6Shift: shift, reluUpperBound: bound)
    }
  }

  // MARK: Arguments

  private func flag(_ key: String, default fallback: Bool = false) throws(Failure) -> Bool {
    try config.boolean(key, default: fallback)
  }

  private func bits() throws(Failure) -> Int {
    try limited("bits", 1...64, default: 8)
  }

  private func integer() throws(Failure) -> Int {
    try limited("integer", -64...64, default: 0)
  }

  private func limited(_ key: String, _ range: ClosedRange<Int>, default fallback: Int) throws(Failure) -> Int
  {
    guard let node = config[key] else { return fallback }
    guard let value = node.integer ?? singleNumber(node).flatMap({ Int(exactly: $0) }), range.contains(value)
    else {
      throw Failure(
        node.diagnostic(
          "\(key) of \(name) is \(node.short); whole numbers from \(range.lowerBound) to \(range.upperBound) are supported"
        ))
    }
    return value
  }

  private func singleNumber(_ node: JSONNode) -> Double? {
    let numbers = tensorNumbers(node)
    return numbers?.count == 1 ? numbers?[0] : nil
  }

  private func negativeSlope() throws(Failure) -> Double {
    let slope = try config.number("negative_slope", default: 0)
    guard slope == 0 || (slope > 0 && slope.significand == 1) else {
      throw Failure(
        config.node.diagnostic("negative_slope of \(name) is \(slope); QKeras needs 0 or a power of two"))
    }
    return slope
  }

  private func maximum() throws(Failure) -> Double? {
    guard config["max_value"] != nil else { return nil }
    let maximum = try config.number("max_value")
    guard maximum > 0 else {
      throw Failure(config.node.diagnostic("max_value of \(name) is \(maximum); it must be positive"))
    }
    return maximum
  }

  // MARK: Alpha

  private enum Alpha {
    case unset
    case autoScale(powerOfTwo: Bool)
    case numbers([Double])

    var isAutomatic: Bool {
      if case .autoScale = self { return true }
      return false
    }
  }

  private func alpha() throws(Failure) -> Alpha {
    let isScaled = quantizerSignatures[name]?.contains("alpha") ?? false
    guard let node = config["alpha"] else {
      return isScaled && isTrainable ? .autoScale(powerOfTwo: true) : .unset
    }
    switch node.string {
    case "auto": return .autoScale(powerOfTwo: false)
    case "auto_po2": return .autoScale(powerOfTwo: true)
    case nil: break
    default:
      if let number = node.string.flatMap({ Double($0) }), number.isFinite { return .numbers([number]) }
    }
    guard let numbers = tensorNumbers(node), !numbers.isEmpty, numbers.allSatisfy(\.isFinite) else {
      throw Failure(
        node.diagnostic("alpha of \(name) is \(node.short); supported: numbers, \"auto\", \"auto_po2\""))
    }
    return .numbers(numbers)
  }

  private func scale() throws(Failure) -> QKerasQuantizer.Scale {
    switch try alpha() {
    case .unset: .one
    case .autoScale(let powerOfTwo): powerOfTwo ? .autoPowerOfTwo : .auto
    case .numbers(let numbers): numbers.allSatisfy { $0 == 1 } ? .one : .constant(numbers)
    }
  }
}

/// The numbers of a number, a nested list, or Keras's written form of a tensor; nil for anything else.
private func tensorNumbers(_ node: JSONNode) -> [Double]? {
  if let number = node.number { return [number] }
  if let value = node["config"]?["value"] ?? node["value"] { return tensorNumbers(value) }
  guard let elements = node.elements else { return nil }
  var numbers: [Double] = []
  for element in elements {
    guard let inner = tensorNumbers(element) else { return nil }
    numbers += inner
  }
  return numbers
}
