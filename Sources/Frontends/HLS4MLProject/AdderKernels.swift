import Diagnostics
import FixedPoint
import Model
import Program

extension ProjectBuilder {
  /// The dense layer that da4ml wrote as a function of additions and shifts: the sums of its results, exact, in its result's type.
  ///
  ///     template <typename inp_t, typename out_t> void dense_da_3(inp_t inp[2], out_t out[1]) {
  ///         ap_fixed<16, 5> v0 = inp[0] - bit_shift<-3>(inp[1]);
  ///         out[0] = v0 + ap_ufixed<1, 0>(0.5);
  ///     }
  mutating func adders(_ call: KernelCall, _ function: GeneratedFunction) throws(Refusal) {
    guard
      let (_, inputs) = try function.parameters.first.flatMap({ (tokens) throws(Refusal) in try array(tokens)
      })
    else { throw Refusal("the parameters of '\(call.kernel)' are not understood") }
    var x = try operand(call, shape: [inputs])
    let sums = try matrix(function, elements: elementFormats(of: x))
    if !sums.conversions.isEmpty {
      x = try converted(x, sums, free("\(name(call, 1))_iq"), call)
    }
    try add(
      call, to: 1, "Dense", .dense(sums.dense), inputs: [x], shape: [sums.outputs],
      sums.formats.merging(["result": try format(of: call, 1)]) { $1 }
    ) { $0.strategy = .distributedArithmetic }
  }

  /// A function that a configuration names: `constexpr static auto dense_da = nnet::dense_da_3<x_t, y_t>`.
  func function(_ member: String, of configuration: KernelConfiguration) throws(Refusal) -> GeneratedFunction
  {
    var cursor = TokenCursor(configuration.made.values[member]?.tokens ?? [])
    guard let name = cursor.type()?.lastName else {
      throw Refusal("\(configuration.made.name) has no function \(member)")
    }
    return try function(named: name)
  }

  /// The function of additions that products of a configuration are.
  func adderFunction(of configuration: KernelConfiguration) throws(Refusal) -> GeneratedFunction {
    guard let kernel = configuration.typeName("kernel"), kernel.hasPrefix(GeneratedFunction.wrapper) else {
      return try function("dense_da", of: configuration)
    }
    return try function(named: GeneratedFunction.adders + kernel.dropFirst(GeneratedFunction.wrapper.count))
  }

  /// A function of nnet_code_gen.h.
  func function(named name: String) throws(Refusal) -> GeneratedFunction {
    guard let function = files.generated[name] else {
      throw Refusal("'\(name)' is not in nnet_utils/nnet_code_gen.h")
    }
    return function
  }

  /// What an adder function comes to.
  struct AdderMatrix {
    var dense: Dense
    /// Of weight, bias, and an accumulator that holds every sum, in whatever order.
    var formats: [String: FixedFormat]
    var outputs: Int
    /// The inputs that the function converts before it multiplies them.
    var conversions: [Int: FixedFormat]
    /// The words of every input behind that.
    var words: [FixedFormat?]
  }

  /// The inputs of a function behind its conversions.
  private mutating func converted(
    _ x: Tensor, _ sums: AdderMatrix, _ name: String, _ call: KernelCall
  ) throws(Refusal) -> Tensor {
    let quantizer = try quantizer(
      of: call, sums.words, shape: x.shape, converting: Array(sums.conversions.values))
    let common = Self.common(sums.words) ?? x.format
    let layer = try append(
      name: name, "FixedPointQuantizer", .activation(.quantizer(.fixed(quantizer))), inputs: [x.layer],
      shape: x.shape, ["result": common], call.place)
    return Tensor(layer: layer, shape: x.shape, format: common)
  }

  /// Adds up what every result of an adder function takes of every input.
  ///
  /// - Parameter elements: the words of every input; nil: it is 0.
  mutating func matrix(
    _ function: GeneratedFunction, elements: [FixedFormat?]
  ) throws(Refusal) -> AdderMatrix {
    guard function.parameters.count == 2, let (input, inputs) = try array(function.parameters[0]),
      let (output, outputs) = try array(function.parameters[1]), outputs > 0, inputs > 0
    else { throw Refusal("the parameters of '\(function.name)' are not understood") }
    guard inputs == elements.count else {
      throw Refusal("'\(function.name)' reads \(inputs) of \(elements.count) elements")
    }
    var reader = AdderReader(text: text, x: elements, inputName: input)
    var sums = [LinearForm?](repeating: nil, count: outputs)
    var conversions: [Int: FixedFormat] = [:]
    let text = text
    try understand(function) { (cursor) throws(Refusal) in
      if cursor.take(output) {
        guard let place = cursor.brackets(), cursor.take(mark: "=") else { return false }
        let index = try text.integer(place)
        guard index < outputs, sums[index] == nil else {
          throw Refusal("writes \(output)[\(index)] of \(outputs)")
        }
        sums[index] = try reader.sum(&cursor)
        return true
      }
      _ = cursor.take("const")
      guard let type = cursor.type(), let name = cursor.identifier(), cursor.take(mark: "=") else {
        return false
      }
      let format = try text.format(type)
      if let (index, value) = try reader.conversion(cursor, to: format) {
        conversions[index] = format
        reader.variables[name] = value
        while cursor.taken() != nil {}
        return true
      }
      let value = try reader.sum(&cursor)
      try reader.check(value, format, name)
      reader.variables[name] = value
      return true
    }
    let rows = sums.compactMap { $0 }
    guard rows.count == outputs else {
      throw Refusal("'\(function.name)' does not write all of its \(outputs) results")
    }
    if let twice = conversions.keys.first(where: { reader.reads[$0] != 1 }) {
      throw Refusal("'\(function.name)' reads \(input)[\(twice)] in several types")
    }
    var made = try Self.matrix(function.name, reader.x, rows)
    made.conversions = conversions
    return made
  }

  private static func matrix(
    _ name: String, _ words: [FixedFormat?], _ rows: [LinearForm]
  ) throws(Refusal) -> AdderMatrix {
    let (inputs, outputs) = (words.count, rows.count)
    let x = common(words) ?? FixedFormat(1, 1)
    var kernel = [Raw](repeating: 0, count: inputs * outputs)
    for (output, row) in rows.enumerated() {
      for (input, value) in row.terms { kernel[input * outputs + output] = value }
    }
    let bias = rows.map(\.constant)
    let (weight, offset) = (try format(kernel), try format(bias))
    let fractionBits = max(weight.fractionBits + x.fractionBits, offset.fractionBits)
    var largest = 0.0
    for row in rows {
      let span = max(abs(Double(x.minRaw)), Double(x.maxRaw))
      let reach = row.terms.values.reduce(0.0) { $0 + abs(Double($1)) } * scaled(span, by: -x.fractionBits)
      largest = max(largest, scaled(reach + abs(Double(row.constant)), by: -LinearForm.fractionBits))
    }
    let integerBits = max(1, Int(largest.exponent) + 3)
    guard largest.isFinite, (1...120).contains(integerBits + fractionBits) else {
      throw Refusal("the sums of '\(name)' have more than 120 bits")
    }
    func values(_ words: [Raw]) -> [Double] { words.map { scaled(Double($0), by: -LinearForm.fractionBits) } }
    let dense = Dense(
      kernel: Weights(shape: [inputs, outputs], values: values(kernel)),
      bias: Weights(shape: [outputs], values: values(bias)), activation: .linear)
    let accumulator = FixedFormat(integerBits + fractionBits, integerBits)
    return AdderMatrix(
      dense: dense, formats: ["weight": weight, "bias": offset, "accum": accumulator], outputs: outputs,
      conversions: [:], words: words)
  }

  /// The words that every element of a tensor can have, as far as a quantizer before it tells; nil: it is 0.
  func elementFormats(of x: Tensor) -> [FixedFormat?] {
    let layer = layers[x.layer]
    func source() -> [FixedFormat?]? {
      layer.inputs.first.map { input in
        let from = layers[input.layer]
        let format = configuration.layerNames[from.name]?.types["result"] ?? x.format
        return elementFormats(of: Tensor(layer: input.layer, shape: from.outputShape, format: format))
      }
    }
    switch layer.kind {
    case .activation(.quantizer(.fixed(let quantizer))):
      return zip(zip(quantizer.isSigned.values, quantizer.integerBits.values), quantizer.fractionBits.values)
        .map { element, fraction in
          let width = (element.0 ? 1 : 0) + element.1 + fraction
          guard width > 0 else { return nil }
          let own = FixedFormat(width, width - fraction, signed: element.0)
          return x.format.contains(own) ? own : x.format
        }
    case .reshape: return source() ?? []
    case .permute(let order):
      guard let all = source(), let input = layer.inputs.first else { break }
      let from = layers[input.layer].outputShape
      return Rearrangement.transpose(order).elementMap([from], result: layer.outputShape).map { all[$0] }
    default: break
    }
    return Array(repeating: x.format, count: x.shape.reduce(1, *))
  }

  /// The words that every place of a window can have, at all of its positions.
  ///
  /// - Parameter count: of all places at all positions, checked before.
  func windowFormats(of x: Tensor, count: Int, _ window: Window) throws(Refusal) -> [FixedFormat?] {
    let places = window.kernel.reduce(1, *) * (x.shape.last ?? 1)
    guard window.positions(x.shape).reduce(places, *) == count else {
      throw Refusal("a window over \(x.shape) has other positions than are written")
    }
    let (elements, map) = (elementFormats(of: x), window.elementMap(x.shape))
    return (0..<places).map { place in
      Self.common(
        stride(from: place, to: map.count, by: places).map { map[$0] < 0 ? nil : elements[map[$0]] })
    }
  }

  /// The words of elements that an adder function reads in turns: those that any of them can have.
  static func common(_ formats: [FixedFormat?]) -> FixedFormat? {
    let known = formats.compactMap { $0 }
    guard let first = known.first else { return nil }
    return known.reduce(first) { sum, format in
      let isSigned = sum.isSigned || format.isSigned
      func bits(_ format: FixedFormat) -> Int { format.integerBits + (isSigned && !format.isSigned ? 1 : 0) }
      let (integer, fraction) = (max(bits(sum), bits(format)), max(sum.fractionBits, format.fractionBits))
      return FixedFormat(integer + fraction, integer, signed: isSigned)
    }
  }

  /// The smallest signed type that holds numbers in units of 2^-`LinearForm.fractionBits`.
  private static func format(_ words: [Raw]) throws(Refusal) -> FixedFormat {
    let used = words.filter { $0 != 0 }
    guard !used.isEmpty else { return FixedFormat(1, 1) }
    let low = used.map(\.trailingZeroBitCount).min() ?? 0
    let high = used.map { Raw.bitWidth - abs($0).leadingZeroBitCount }.max() ?? 1
    guard high - low + 1 <= 53 else { throw Refusal("has constants of \(high - low + 1) bits") }
    return FixedFormat(high - low + 1, high + 1 - LinearForm.fractionBits)
  }

  /// Name and length of a parameter `inp_t inp[57]`.
  private func array(_ tokens: [CppLexer.Token]) throws(Refusal) -> (String, Int)? {
    var cursor = TokenCursor(tokens)
    guard cursor.type() != nil, let name = cursor.identifier(), let count = cursor.brackets() else {
      return nil
    }
    return (name, try text.integer(count))
  }
}
