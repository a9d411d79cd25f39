import Configuration
import FixedPoint
import Glibc
import Model
import Program

/// nnet_garnet.h: weights of the edges from a table of the distance's bits, means over the vertices in groups of those that are
/// computed at once, and the propagated features contracted away: only means of the inputs are formed.
///
/// Vertices that do not exist are left out of every sum; where the vertices are kept, hls4ml leaves their words as they were in
/// memory, and here they are 0.
struct GarNetKernel: HLSKernel {
  /// The weights of one pass as hls4ml lays them out, with the types it takes from their numbers.
  struct Pass: Sendable {
    /// [aggregators][inputs + 1, outputs]: of the mean weight, then of every mean input.
    var transform: Tensor
    /// [inputs, aggregators].
    var distance: Tensor
    /// [aggregators].
    var distanceBias: Tensor
    /// [outputs].
    var outputBias: Tensor
  }

  /// Words of a type of their own.
  struct Tensor: Sendable {
    var shape: [Int]
    var format: FixedFormat
    var words: [Raw]
    var type: ValueType { ValueType(shape, format) }
  }

  var passes: [Pass]
  var vertices: Int
  var isCollapsed: Bool
  var meansByCount: Bool
  var isStack: Bool

  var className: String { isStack ? "GarNetStack" : "GarNet" }

  private static let distanceWidth = 12
  private static let distance = FixedFormat(distanceWidth, 4, .trn, .sat)

  /// ⌊log₂⌋ of the vertices and of the reuse factor.
  private func logarithms(_ reuse: Int) -> (vertices: Int, reuse: Int) {
    (Int(log2(Double(vertices))), Int(log2(Double(max(1, reuse)))))
  }

  func internals(_ layer: HLSLayer) -> [HLSRole: HLSPrecision] {
    let (width, reuse) = logarithms(layer.reuseFactor)
    let integer = max(reuse, width - reuse) + 3
    return [
      .edgeWeight: .fixed(10, 0, signed: false),
      .edgeWeightSum: .fixed(integer + 7, integer - 3, signed: false),
      .aggregate: .fixed(integer + 10, integer),
      .norm: .fixed(14, 4, signed: false),
    ]
  }

  /// What config_from_keras_model writes: the same for a reuse factor of 1, saturating.
  func startingPrecision(_ layer: HLSLayer) -> [StartingConfiguration.Tensor]? {
    var plain = layer
    plain.reuseFactor = 1
    let types = internals(plain)
    return [HLSRole.edgeWeight, .edgeWeightSum, .aggregate, .norm].compactMap { role in
      guard var format = types[role]?.format else { return nil }
      format.overflow = .sat
      return StartingConfiguration.Tensor(name: role.rawValue, type: format.description)
    }
  }

  func emit(_ emitter: inout HLSEmitter) throws(ProgramError) -> ValueID {
    let reuse = emitter.layer.reuseFactor
    guard vertices % reuse == 0 else {
      throw ProgramError("\(vertices) vertices are no multiple of its reuse factor \(reuse)")
    }
    let count = try emitter.operand(1)
    guard emitter.format(of: count).fractionBits == 0 else {
      throw ProgramError("the number of vertices has to be an ap_uint; it is \(emitter.format(of: count))")
    }
    let maker = GarNetMaker(
      kernel: self, count: count, exists: try Self.exists(&emitter, count, vertices),
      group: vertices >> logarithms(reuse).reuse, shifts: logarithms(reuse))
    var data = try emitter.operand()
    var dataType = emitter.operandPrecision().format ?? emitter.format(of: data)
    for (index, pass) in passes.enumerated() {
      let name = passes.count == 1 ? "" : "pass\(index + 1)."
      let weights = try maker.edgeWeights(&emitter, data, pass, name)
      let means = try maker.means(&emitter, data, dataType, weights, name)
      if index == passes.count - 1, isCollapsed { return try maker.collapsed(&emitter, means, pass, name) }
      data = try maker.distributed(&emitter, weights, means, pass, name)
      dataType = try emitter.format(.result)
    }
    return data
  }

  /// For every vertex whether it exists: its place, and the number it is below. [vertices, 1] each.
  private static func exists(_ emitter: inout HLSEmitter, _ count: ValueID, _ vertices: Int)
    throws(ProgramError) -> ValueID
  {
    let bits = max(1, Int.bitWidth - vertices.leadingZeroBitCount)
    let places = emitter.constant(
      "vertex", ValueType([vertices, 1], FixedFormat(bits, bits, signed: false)),
      (0..<vertices).map { Raw($0) })
    let (yes, no) = (emitter.number("yes", 1), emitter.number("no", 0))
    return try emitter.add("exists", .select(.less), places, count, yes, no)
  }

  /// The weights of an edge by the bits of its distance: e^(−d²) in the type of −d·d, a one less than 1 for d = 0.
  static func table(_ type: FixedFormat) -> [Raw] {
    let square = FixedFormat(2 * distanceWidth + 1, 9)
    let one = FixedFormat(type.width, 0, signed: false, .trn, .sat)
    return (0..<1 << distanceWidth).map { bits in
      if bits == 0 { return type.quantize(one.value(of: one.quantize(1))) }
      let word = Raw(bits) - (bits >= 1 << (distanceWidth - 1) ? 1 << Raw(distanceWidth) : 0)
      let d = distance.value(of: word)
      return type.quantize(square.value(of: square.quantize(exp(-d * d))))
    }
  }

  fileprivate static var distanceFormat: FixedFormat { distance }
}

/// Makes the instructions of one GarNet.
private struct GarNetMaker {
  let kernel: GarNetKernel
  let count: ValueID
  let exists: ValueID
  /// Vertices computed at once.
  let group: Int
  let shifts: (vertices: Int, reuse: Int)

  /// [vertices, aggregators]; 0 for vertices that do not exist.
  func edgeWeights(
    _ emitter: inout HLSEmitter, _ data: ValueID, _ pass: GarNetKernel.Pass, _ name: String
  ) throws(ProgramError) -> ValueID {
    let type = GarNetKernel.distanceFormat
    let weight = emitter.constant("\(name)distance.weight", pass.distance.type, pass.distance.words)
    let bias = emitter.constant("\(name)distance.bias", pass.distanceBias.type, pass.distanceBias.words)
    let distance = try emitter.add(
      "\(name)distance", .affine(Affine(product: type, accumulator: type)), data, weight, bias)
    let moved = try emitter.shift(distance, by: type.fractionBits, "\(name)bits")
    let index = try emitter.add(
      "\(name)index", .requantize(FixedFormat(type.width, type.width, signed: false)), moved)
    let format = try emitter.format(.edgeWeight)
    let words = GarNetKernel.table(format)
    let table = emitter.constant("\(name)table", ValueType([words.count], format), words)
    let found = try emitter.add("\(name)edges.all", .lookup, index, table)
    return try emitter.add(
      "\(name)edges", .select(.equal), exists, emitter.number("\(name)one", 1), found,
      emitter.number("\(name)zero", 0))
  }

  /// The mean weight and the mean of every weighted input: [aggregators, 1] and [aggregators, inputs].
  func means(
    _ emitter: inout HLSEmitter, _ data: ValueID, _ dataType: FixedFormat, _ weights: ValueID, _ name: String
  ) throws(ProgramError) -> (weights: ValueID, inputs: ValueID) {
    let (vertices, inputs) = (emitter.shape(data)[0], emitter.shape(data)[1])
    let aggregators = emitter.shape(weights)[1]
    let rows = try emitter.reshape(data, [vertices, 1, inputs], "\(name)rows")
    let edges = try emitter.reshape(weights, [vertices, aggregators, 1], "\(name)columns")
    let weighted = try emitter.convert(
      try emitter.add("\(name)weighted.exact", .elementwise(.multiply), rows, edges), to: dataType,
      "\(name)weighted")
    let (sumType, type) = (try emitter.format(.edgeWeightSum), try emitter.format(.aggregate))
    let weight = try mean(&emitter, edges, sumType, "\(name)weight.mean")
    let own = try mean(&emitter, weighted, type, "\(name)input.mean")
    // The mean weight is kept in the type of a weight.
    return (
      try normalized(&emitter, weight, sumType, try emitter.format(.edgeWeight), "\(name)weight"),
      try normalized(&emitter, own, type, type, "\(name)input")
    )
  }

  /// The sum over the vertices [vertices, aggregators, n], group by group, each group divided by its size.
  private func mean(
    _ emitter: inout HLSEmitter, _ terms: ValueID, _ type: FixedFormat, _ name: String
  ) throws(ProgramError) -> ValueID {
    var terms = terms
    var shape = emitter.shape(terms)
    if shape[0] % group != 0 {
      let missing = group - shape[0] % group
      terms = try emitter.add(
        "\(name).padded",
        .rearrange(.pad(before: [0, 0, 0], after: [missing, 0, 0], interior: [0, 0, 0], word: 0)), terms)
      shape[0] += missing
    }
    let grouped = try emitter.reshape(terms, [shape[0] / group, group, shape[1], shape[2]], "\(name).groups")
    let columns = try emitter.add("\(name).columns", .rearrange(.transpose([2, 3, 0, 1])), grouped)
    let local = try emitter.sum(columns, type, "\(name).local")
    let shared = try halved(&emitter, local, shifts.vertices - shifts.reuse, type, "\(name).share")
    let rows = try emitter.reshape(shared, [shape[1], shape[2], shape[0] / group], "\(name).shares")
    let total = try emitter.sum(rows, type, "\(name).total")
    return try emitter.reshape(total, [shape[1], shape[2]], name)
  }

  /// Divided by the number of groups, or by that of the vertices that exist.
  private func normalized(
    _ emitter: inout HLSEmitter, _ mean: ValueID, _ type: FixedFormat, _ result: FixedFormat, _ name: String
  ) throws(ProgramError) -> ValueID {
    guard kernel.meansByCount else {
      return try emitter.convert(
        try halved(&emitter, mean, shifts.reuse, type, "\(name).normalized"), to: result, name)
    }
    // A division of integers: the groups' size by the number of vertices, and then a word.
    let norm = try emitter.format(.norm)
    let size = kernel.vertices / emitter.layer.reuseFactor
    let bits = emitter.format(of: count).width
    let entries =
      (0...min(1 << min(bits, 20) - 1, size)).map { norm.quantize(Double($0 == 0 ? 0 : size / $0)) } + [0]
    let table = emitter.constant("\(name).norms", ValueType([entries.count], norm), entries)
    let factor = try emitter.add("\(name).norm", .lookup, count, table)
    return try emitter.convert(
      try emitter.add("\(name).product", .elementwise(.multiply), mean, factor), to: result, name)
  }

  /// x >> bits, in its own type.
  private func halved(
    _ emitter: inout HLSEmitter, _ x: ValueID, _ bits: Int, _ type: FixedFormat, _ name: String
  ) throws(ProgramError) -> ValueID {
    if bits == 0 { return x }
    var floor = type
    floor.rounding = .trn
    return try emitter.convert(try emitter.shift(x, by: -bits, "\(name).moved"), to: floor, name)
  }

  /// What an aggregator gives to every output: [aggregators, outputs].
  private func base(
    _ emitter: inout HLSEmitter, _ means: (weights: ValueID, inputs: ValueID), _ pass: GarNetKernel.Pass,
    _ name: String
  ) throws(ProgramError) -> ValueID {
    let type = try emitter.format(.aggregate)
    let terms = try emitter.add(
      "\(name)means", .rearrange(.concatenate(axis: 1)), means.weights, means.inputs)
    let outputs = pass.transform.shape[2]
    let transform = emitter.constant("\(name)transform", pass.transform.type, pass.transform.words)
    let zero = emitter.constant(
      "\(name)transform.zero",
      ValueType([pass.transform.shape[0], outputs], FixedFormat(1, 1, signed: false)),
      Array(repeating: 0, count: pass.transform.shape[0] * outputs))
    return try emitter.add(
      "\(name)base", .affine(Affine(product: nil, accumulator: type)), terms, transform, zero)
  }

  /// A row of a matrix, as a matrix of one row.
  private func row(_ emitter: inout HLSEmitter, _ x: ValueID, _ index: Int, axis: Int, _ name: String)
    throws(ProgramError) -> ValueID
  {
    try emitter.add(name, .rearrange(.gather(axis: axis, indices: [index])), x)
  }

  /// Every vertex's outputs, [vertices, outputs]; zeros for those that do not exist.
  func distributed(
    _ emitter: inout HLSEmitter, _ weights: ValueID, _ means: (weights: ValueID, inputs: ValueID),
    _ pass: GarNetKernel.Pass, _ name: String
  ) throws(ProgramError) -> ValueID {
    let type = try emitter.format(.result)
    let base = try base(&emitter, means, pass, name)
    let bias = emitter.constant(
      "\(name)output.bias", ValueType([1] + pass.outputBias.shape, pass.outputBias.format),
      pass.outputBias.words)
    var sum = try emitter.convert(bias, to: type, "\(name)output.start")
    for aggregator in 0..<emitter.shape(base)[0] {
      let label = "\(name)output.\(aggregator)"
      let product = try emitter.add(
        "\(label).exact", .elementwise(.multiply),
        try row(&emitter, weights, aggregator, axis: 1, "\(label).edges"),
        try row(&emitter, base, aggregator, axis: 0, "\(label).base"))
      let term = try emitter.convert(product, to: type, "\(label).term")
      sum = try emitter.convert(
        try emitter.add("\(label).sum", .elementwise(.add), sum, term), to: type, label)
    }
    return try emitter.add(
      "\(name)output", .select(.equal), exists, emitter.number("\(name)is", 1), sum,
      emitter.constant("\(name)none", ValueType([1, 1], type), [0]))
  }

  /// The mean of all outputs: [outputs].
  func collapsed(
    _ emitter: inout HLSEmitter, _ means: (weights: ValueID, inputs: ValueID), _ pass: GarNetKernel.Pass,
    _ name: String
  ) throws(ProgramError) -> ValueID {
    let type = try emitter.format(.result)
    let base = try base(&emitter, means, pass, name)
    var bias = emitter.constant(
      "\(name)output.bias", ValueType([1] + pass.outputBias.shape, pass.outputBias.format),
      pass.outputBias.words)
    if !kernel.meansByCount {
      let aggregate = try emitter.format(.aggregate)
      let wide = try emitter.convert(bias, to: aggregate, "\(name)bias.wide")
      let scaled = try emitter.convert(
        try emitter.add("\(name)bias.exact", .elementwise(.multiply), wide, count), to: aggregate,
        "\(name)bias.scaled")
      bias = try emitter.convert(
        try halved(&emitter, scaled, shifts.vertices, aggregate, "\(name)bias.share"),
        to: pass.outputBias.format, "\(name)bias")
    }
    var sum = try emitter.convert(bias, to: type, "\(name)output.start")
    for aggregator in 0..<emitter.shape(base)[0] {
      let label = "\(name)output.\(aggregator)"
      let product = try emitter.add(
        "\(label).exact", .elementwise(.multiply),
        try row(&emitter, means.weights, aggregator, axis: 0, "\(label).weight"),
        try row(&emitter, base, aggregator, axis: 0, "\(label).base"))
      sum = try emitter.convert(
        try emitter.add("\(label).sum", .elementwise(.add), sum, product), to: type, label)
    }
    return try emitter.reshape(sum, emitter.layer.shape, "\(name)output.shape")
  }
}

extension GarNetKernel.Tensor {
  /// Numbers with the type that hls4ml takes from the largest of them: ten fraction bits, unsigned where none is negative.
  init(_ values: [Float], shape: [Int]) {
    self.init(values, shape: shape, types: [values])
  }

  /// Numbers of several tensors in one: each is converted to the type that hls4ml takes from its own numbers.
  ///
  /// - Parameters:
  ///   - types: the tensors' numbers, laid one after the other as in `values`.
  ///   - fraction: their fraction bits.
  init(_ values: [Float], shape: [Int], types: [[Float]], fraction: Int = 10) {
    var formats: [FixedFormat] = []
    var words: [(Raw, FixedFormat)] = []
    for numbers in types {
      let largest = numbers.map(\.magnitude).max() ?? 0
      let isSigned = numbers.contains { $0 < 0 }
      var integer = 1
      if largest != 0 {
        let power = log2(largest)
        integer = max(0, Int(power.rounded(.up)))
        if integer == Int(power.rounded(.down)) { integer += 1 }
        if isSigned { integer += 1 }
      }
      let format = FixedFormat(integer + fraction, integer, signed: isSigned, .rnd, .sat)
      formats.append(format)
      words += numbers.map { (format.quantize(HLSWeight.printed(Double($0), decimals: 10)), format) }
    }
    self.shape = shape
    let union = formats.dropFirst().reduce(formats[0]) { .union($0, $1) }
    format = FixedFormat(union.width, union.integerBits, signed: union.isSigned)
    let bits = format.fractionBits
    self.words = words.map { $0.0 << Raw(bits - $0.1.fractionBits) }
  }
}

extension GarNetKernel {
  /// The kernel of a GarNet: kernels of the way in and out are multiplied, as hls4ml does when it converts the model.
  init(_ net: GarNet, vertices: Int) {
    self.init(
      passes: net.passes.map(Pass.init), vertices: vertices, isCollapsed: net.collapse != nil,
      meansByCount: net.meansByCount, isStack: net.isStack)
  }
}

extension GarNetKernel.Pass {
  fileprivate init(_ pass: GarNet.Pass) {
    func floats(_ weights: Weights?) -> [Float] { weights?.values.map { Float($0) } ?? [] }
    let (inputs, propagated) = (pass.features.kernel.shape[0], pass.features.kernel.shape[1])
    let (aggregators, outputs) = (pass.distances.kernel.shape[1], pass.outputs.kernel.shape[1])
    // hls4ml's TernaryQuantizer, whatever the file says of the training's.
    let isTernary = pass.features.kernelQuantizer != nil
    func transform(_ weights: Weights?) -> [Double] {
      let values = weights?.values ?? []
      return isTernary ? values.map { $0 > 0.5 ? 1 : $0 <= -0.5 ? -1 : 0 } : values
    }
    let (way, start) = (transform(pass.features.kernel), transform(pass.features.bias))
    let back = transform(pass.outputs.kernel)
    // Sums of float32 products; their last bit is the linear algebra library's own.
    func sum(_ aggregator: Int, _ output: Int, _ factor: (Int) -> Double) -> Float {
      Float(
        (0..<propagated).reduce(0.0) {
          $0 + factor($1) * back[(aggregator * propagated + $1) * outputs + output]
        })
    }
    var kernel: [Float] = []
    var bias: [Float] = []
    for aggregator in 0..<aggregators {
      for input in 0..<inputs {
        for output in 0..<outputs {
          kernel.append(sum(aggregator, output) { way[input * propagated + $0] })
        }
      }
      for output in 0..<outputs { bias.append(sum(aggregator, output) { start[$0] }) }
    }
    let whole = GarNetKernel.Tensor(
      bias + kernel, shape: [aggregators, inputs + 1, outputs], types: [bias, kernel],
      fraction: isTernary ? 0 : 10)
    // The biases stand before the kernel's rows of their aggregator.
    var words: [Raw] = []
    for aggregator in 0..<aggregators {
      words += whole.words[aggregator * outputs..<(aggregator + 1) * outputs]
      let first = aggregators * outputs + aggregator * inputs * outputs
      words += whole.words[first..<first + inputs * outputs]
    }
    self.transform = GarNetKernel.Tensor(
      shape: whole.shape, format: whole.format, words: words)
    distance = GarNetKernel.Tensor(floats(pass.distances.kernel), shape: [inputs, aggregators])
    distanceBias = GarNetKernel.Tensor(floats(pass.distances.bias), shape: [aggregators])
    outputBias = GarNetKernel.Tensor(floats(pass.outputs.bias), shape: [outputs])
  }
}
