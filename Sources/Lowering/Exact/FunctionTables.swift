import Diagnostics
import FixedPoint
import Model
import Program

/// Functions of one number, one after the other: in hardware one table with an entry for every word of its input.
struct FunctionChain {
  private let functions: [Activation]
  /// For every function that differs from element to element, which of its forms each element has.
  private let variants: [[Int]]
  private let shape: [Int]

  init(_ functions: [Activation], shape: [Int]) throws(Failure) {
    self.shape = shape
    var functions = functions
    var variants: [[Int]] = []
    for (place, function) in functions.enumerated() {
      switch function {
      case .quantizer(.fixed(var quantizer)):
        guard let signed = quantizer.isSigned.broadcast(to: shape),
          let i = quantizer.integerBits.broadcast(to: shape),
          let f = quantizer.fractionBits.broadcast(to: shape)
        else { throw Failure(.badInput, "a quantizer's bits do not fit the shape \(shape)") }
        variants.append(
          Self.numbered(
            signed.values.indices.map { [signed.values[$0] ? 1 : 0, i.values[$0], f.values[$0]] }))
        // Laid out once, as every element asks for its own.
        (quantizer.isSigned, quantizer.integerBits, quantizer.fractionBits) = (signed, i, f)
        functions[place] = .quantizer(.fixed(quantizer))
      case .networks: variants.append(Array(0..<shape.reduce(1, *)))
      default: break
      }
    }
    self.functions = functions
    self.variants = variants
  }

  /// Equal values as equal numbers.
  private static func numbered(_ values: [[Int]]) -> [Int] {
    var known: [[Int]: Int] = [:]
    return values.map { value in
      if let number = known[value] { return number }
      known[value] = known.count
      return known.count - 1
    }
  }

  /// Which elements have the same function: the same numbers.
  func keys() -> [[Int]] {
    (0..<shape.reduce(1, *)).map { element in variants.map { $0[element] } }
  }

  /// The values of an element's function, in float32 as the trainer computes them: functions rounded to float32, a
  /// quantizer's sums with ½ among them.
  func values(_ numbers: [Double], element: Int) throws(Failure) -> [Double] {
    var values = numbers.map { Float($0) }
    for function in functions {
      switch function {
      case .quantizer(let quantizer):
        values = try quantizer.picked(element).quantized(
          Weights(shape: [values.count], values: values.map(Double.init))
        ).values.map { Float($0) }
      case .networks(let networks):
        let network = networks.picked(element, of: shape)
        values = network.values(values.map(Double.init)).map { Float($0) }
      default: values = function.float32(values)
      }
    }
    return values.map(Double.init)
  }
}

extension Quantizer {
  /// The quantizer of one element of a tensor that its bits are laid out for.
  fileprivate func picked(_ element: Int) -> Quantizer {
    guard case .fixed(var fixed) = self else { return self }
    func one<Value>(_ elements: Elements<Value>) -> Elements<Value> {
      Elements(elements.values[element])
    }
    fixed.isSigned = one(fixed.isSigned)
    fixed.integerBits = one(fixed.integerBits)
    fixed.fractionBits = one(fixed.fractionBits)
    return .fixed(fixed)
  }
}

extension Activation {
  /// Whether it never both rises and falls.
  fileprivate var isMonotone: Bool {
    switch self {
    case .linear, .relu, .leakyReLU, .thresholdedReLU, .elu, .selu, .sigmoid, .tanh, .hardSigmoid, .hardTanh,
      .softplus,
      .softsign, .exponential, .logarithm, .scaled:
      true
    case .quantizer(.fixed(let quantizer)): quantizer.overflow == .sat || quantizer.overflow == .satSym
    case .sequence(let functions): functions.allSatisfy(\.isMonotone)
    default: false
    }
  }

  /// Values in float32.
  func float32(_ x: [Float]) -> [Float] {
    switch self {
    case .linear: return x
    case .tanh: return x.map(FrameworkFloat.tanh)
    case .sigmoid: return x.map(FrameworkFloat.sigmoid)
    case .scaled(let factor, let offset):
      let (factor, offset) = (Float(factor), Float(offset))
      return x.map { $0 * factor + offset }
    case .reciprocal(let offset): return x.map { 1 / ($0 + Float(offset)) }
    default: return values(x.map(Double.init), shape: [x.count]).map { Float($0) }
    }
  }
}

/// The network of one element.
struct ElementNetwork {
  fileprivate var layers: [(kernel: ArraySlice<Double>, bias: ArraySlice<Double>?, activation: Activation)]
  fileprivate var scale: Double
  fileprivate var offset: Double

  /// In double precision: the trainer's float32 numbers differ from it in the order of its sums alone.
  func value(_ x: Double) -> Double { values([x])[0] }

  /// Of many numbers, a table's, all at once.
  func values(_ numbers: [Double]) -> [Double] {
    // Of a softmax every number's sums are a row of their own.
    guard numbers.count == 1 || !layers.contains(where: \.activation.looksAtOthers) else {
      return numbers.map(value)
    }
    var (values, width) = (numbers, 1)
    for layer in layers {
      let (kernel, bias, count) = (
        Array(layer.kernel), layer.bias.map(Array.init), layer.kernel.count / width
      )
      var sums = [Double](repeating: 0, count: numbers.count * count)
      for number in numbers.indices {
        for output in 0..<count {
          var sum = bias?[output] ?? 0
          for place in 0..<width { sum += values[number * width + place] * kernel[place * count + output] }
          sums[number * count + output] = sum
        }
      }
      values = layer.activation.values(sums, shape: numbers.count == 1 ? [count] : [numbers.count, count])
      width = count
    }
    return numbers.indices.map { values[$0 * width] * scale + offset }
  }
}

extension Activation {
  /// Whether a number's value depends on others beside it, or on its place.
  fileprivate var looksAtOthers: Bool {
    switch self {
    case .linear, .relu, .leakyReLU, .thresholdedReLU, .elu, .selu, .sigmoid, .tanh, .hardSigmoid, .hardTanh,
      .softplus, .softsign, .exponential, .swish, .gelu, .scaled:
      false
    default: true
    }
  }
}

extension ElementNetworks {
  /// The network of one element of a tensor.
  func picked(_ element: Int, of shape: [Int]) -> ElementNetwork {
    var indices = [Int](repeating: 0, count: shape.count)
    var rest = element
    for axis in shape.indices.reversed() {
      indices[axis] = rest % shape[axis]
      rest /= shape[axis]
    }
    func slice(_ weights: Weights, ownAxes: Int) -> ArraySlice<Double> {
      let laid = weights.shape.dropLast(ownAxes)
      let inner = weights.shape.suffix(ownAxes).reduce(1, *)
      var place = 0
      for (length, index) in zip(laid, indices.suffix(laid.count)) {
        place = place * length + (length == 1 ? 0 : index)
      }
      return weights.values[(place * inner)..<((place + 1) * inner)]
    }
    return ElementNetwork(
      layers: layers.map {
        (slice($0.kernel, ownAxes: 2), $0.bias.map { slice($0, ownAxes: 1) }, $0.activation)
      },
      scale: scale.map { slice($0, ownAxes: 0).first ?? 1 } ?? 1,
      offset: offset.map { slice($0, ownAxes: 0).first ?? 0 } ?? 0)
  }
}

extension ExactBuilder {
  /// The longest table of one function, and of all functions of a layer.
  static let chainEntries = (each: 1 << 16, all: 1 << 22)

  /// Functions one after the other as tables, one for each that differs; where the input has too many words for that,
  /// each as a layer of its own.
  mutating func chain(_ x: ValueID, _ functions: [Activation], estimate: ClosedRange<Double>?) throws(Failure)
    -> ValueID
  {
    let functions = functions.filter { $0 != .linear }
    guard let first = functions.first else { return x }
    if functions.count == 1, case .quantizer(let quantizer) = first { return try quantize(x, quantizer) }
    let domains = domains(x)
    let chain = try FunctionChain(functions, shape: shape(x))
    let keys = chain.keys()
    guard let longest = domains.map(\.count).max(), longest <= Self.chainEntries.each else {
      if Set(keys).count == 1, functions.allSatisfy(\.isMonotone) {
        return try stepFunction(x, turns: []) { (try? chain.values([$0], element: 0)[0]) ?? 0 }
      }
      // Networks have no other form than a table.
      if functions.contains(where: { if case .networks = $0 { true } else { false } }) {
        throw failure(
          "an input has more than \(Self.chainEntries.each) words, too many for a table of its own",
          hint: "quantize the input (enable_iq), in fewer bits")
      }
      return try oneByOne(x, functions, estimate: estimate)
    }
    var tables: [[Int]: Int] = [:]
    var starts: [Int] = []
    var values: [Double] = []
    for (element, domain) in domains.enumerated() {
      let key = keys[element] + [domain.fraction, Int(domain.low), domain.count]
      if let start = tables[key] {
        starts.append(start)
        continue
      }
      let step = Double(sign: .plus, exponent: -domain.fraction, significand: 1)
      values += try chain.values(
        (0..<domain.count).map { Double(Int(domain.low) + $0) * step }, element: element)
      guard values.count <= Self.chainEntries.all else {
        throw failure(
          "its tables have more than \(Self.chainEntries.all) entries together",
          hint: "train with fewer bits before them")
      }
      tables[key] = values.count - domain.count
      starts.append(values.count - domain.count)
    }
    guard values.allSatisfy({ abs($0) < 1e18 }) else {
      throw failure("a table has values beyond 10¹⁸ or not a number")
    }
    let table: FixedTensor
    if let exact = FixedTensor.exact(values, shape: [values.count], limit: 64) {
      table = exact
    } else {
      note("table rounded to \(Self.exactLimit) bits")
      table = .rounded(values, shape: [values.count], width: Self.exactLimit)
    }
    let index = try index(x, domains, starts: starts)
    return try add(.lookup, index, constant(table, "table"), named: "value")
  }

  /// The words one element can have: so many from the lowest on, with so many fraction bits.
  private struct Domain: Hashable {
    var low: Raw
    var count: Int
    var fraction: Int
  }

  /// The words of every element: those of its own format where the value was just converted to formats of its elements.
  private func domains(_ x: ValueID) -> [Domain] {
    if let laid = laidFormats(x) {
      return laid.places(in: shape(x)).map { place in
        guard let format = laid.formats[place] else { return Domain(low: 0, count: 1, fraction: 0) }
        return Domain(
          low: format.minRaw, count: Self.count(format.minRaw...format.maxRaw), fraction: format.fractionBits)
      }
    }
    let words = words(x)
    let domain = Domain(low: words.lowerBound, count: Self.count(words), fraction: format(x).fractionBits)
    return Array(repeating: domain, count: type(x).count)
  }

  /// The formats of its elements that a value was converted to last; nil where it has one for all. A conversion behind that
  /// only left out words that never come.
  private func laidFormats(_ x: ValueID) -> LaidFormats? {
    let instruction = builder.program[x]
    switch instruction.operation {
    case .requantize(.laid(let laid)): return laid
    case .requantize(.uniform(let format)):
      guard let source = instruction.operands.first, self.format(source).fractionBits == format.fractionBits,
        words(source).lowerBound >= format.minRaw, words(source).upperBound <= format.maxRaw
      else { return nil }
      return laidFormats(source)
    default: return nil
    }
  }

  private static func count(_ words: ClosedRange<Raw>) -> Int {
    let count = words.upperBound - words.lowerBound
    return count < Raw(Int.max) ? Int(count) + 1 : .max
  }

  /// Where in the tables the entry of every word is.
  private mutating func index(_ x: ValueID, _ domains: [Domain], starts: [Int]) throws(Failure) -> ValueID {
    let offsets = zip(domains, starts).map { Raw($1) - $0.low }
    let shape = shape(x)
    func tensor(_ words: [Raw], fraction: Int) -> FixedTensor {
      let range = min(0, words.min() ?? 0)...max(0, words.max() ?? 0)
      return Set(words).count == 1
        ? FixedTensor(shape: [1], format: .tight(range, fractionBits: fraction), words: [words[0]])
        : FixedTensor(shape: shape, format: .tight(range, fractionBits: fraction), words: words)
    }
    var whole = x
    let fractions = Set(domains.map(\.fraction))
    if let fraction = fractions.first, fractions.count == 1 {
      whole = try scale(x, byPowerOfTwo: fraction, "index")
    } else {
      // Every element to whole numbers by a power of two of its own.
      let least = fractions.min() ?? 0
      let powers = tensor(domains.map { 1 << Raw($0.fraction - least) }, fraction: -least)
      whole = try multiply(x, constant(powers, "powers"), "index")
    }
    if format(whole).fractionBits != 0 {
      let range = range(whole)
      let wide = FixedFormat.covering(
        range.lowerBound.rounded(.down)...(range.upperBound.rounded(.up) + 1), width: 64)
      whole = try requantize(
        whole, FixedFormat(wide.integerBits, wide.integerBits, signed: wide.isSigned), "index")
    }
    if offsets.allSatisfy({ $0 == 0 }) { return whole }
    return try sum(whole, constant(tensor(offsets, fraction: 0), "start"), "index")
  }

  private mutating func oneByOne(
    _ x: ValueID, _ functions: [Activation], estimate: ClosedRange<Double>?
  ) throws(Failure) -> ValueID {
    var result = x
    for (place, function) in functions.enumerated() {
      result = try lower(function, result, estimate: place == functions.count - 1 ? estimate : nil)
    }
    return result
  }
}
