import Diagnostics
import FixedPoint
import Model
import Program

extension HLSPass {
  /// bit_exact: in a model with fixed-point quantizers every type follows from the bits that elements have, so that nothing but
  /// quantizers changes a number. What a layer produces is worked out forward, by intervals, what those behind it can make
  /// use of backward; its type has the bits of both.
  static let bitExact = HLSPass(graph: "bit_exact") { (graph) throws(Failure) in
    let isQuantizer = graph.layers.map { if case .fixedQuantizer = $0.kind { true } else { false } }
    guard !graph.isBitExact, isQuantizer.contains(true) else { return false }
    graph.isBitExact = true
    // A proxy model has no linear activations but those that hls4ml makes of none.
    for place in graph.layers.indices.reversed() {
      if case .activation(.linear) = graph.layers[place].kind { graph.removeIntoOperand(at: place) }
    }
    var flow = BitFlow()
    var problems: [Diagnostic] = []
    for place in graph.layers.indices {
      do throws(Failure) { try flow.produce(&graph, place) } catch {
        problems += error.diagnostics
        flow.produced[graph.layers[place].name] = .init(
          repeating: .anything, count: graph.layers[place].shape.reduce(1, *))
      }
    }
    guard problems.isEmpty else { throw Failure(.badInput, problems) }
    for place in graph.layers.indices { flow.register(&graph, place) }
    return true
  }

  /// fuse_fixed_point_quantizer: a quantizer of one format is the result type of the layer before, if nothing else reads that.
  static let fuseFixedQuantizer = HLSPass("fuse_fixed_point_quantizer") { (graph, place) throws(Failure) in
    let layer = graph.layers[place]
    guard graph.isBitExact, case .fixedQuantizer(let quantizer) = layer.kind, let format = quantizer.uniform,
      let source = layer.inputs.first, graph.consumers(of: source).count == 1, !graph.outputs.contains(source)
    else { return false }
    let isPlain = quantizer.rounding == .trn && quantizer.overflow == .wrap
    let precision = isPlain ? layer.result : .format(format)
    // Past layers that only move words, which keep the words alone, to the one that computes them.
    var target = graph.index(of: source)
    while let index = target {
      graph.layers[index].result = precision
      switch graph.layers[index].kind {
      case .reshape, .transpose:
        guard let next = graph.layers[index].inputs.first, graph.consumers(of: next).count == 1 else {
          target = nil
          continue
        }
        if let own = precision.format { graph.layers[index].result = .format(own.with(.trn, .wrap)) }
        target = graph.index(of: next)
      default: target = nil
      }
    }
    graph.removeIntoOperand(at: place)
    return true
  }

  /// fix_input_precision: the type of an input whose quantizers saturate.
  static let fixInputPrecision = HLSPass("fix_input_precision") { (graph, place) throws(Failure) in
    let layer = graph.layers[place]
    guard graph.isBitExact, case .input = layer.kind, let format = layer.result.format, format.width > 100
    else { return false }
    var quantizers: [HLSFixedQuantizer] = []
    var wiring: [String] = []
    var pending = [layer.name]
    while let name = pending.popLast() {
      for consumer in graph.consumers(of: name) {
        switch graph.layers[consumer].kind {
        case .fixedQuantizer(let quantizer): quantizers.append(quantizer)
        case .reshape, .transpose, .concatenate:
          pending.append(graph.layers[consumer].name)
          wiring.append(graph.layers[consumer].name)
        default:
          throw Failure(
            .badInput,
            [
              Diagnostic(
                file: layer.origin.file, place: layer.origin.path,
                "input '\(layer.name)': hls4ml needs a quantizer between it and '\(graph.layers[consumer].name)'",
                hint: "--numerics exact computes it")
            ])
        }
      }
    }
    let bits = quantizers.flatMap(\.bits)
    let isSaturating = !quantizers.isEmpty && quantizers.allSatisfy { [.sat, .satSym].contains($0.overflow) }
    if !quantizers.allSatisfy({ [.trn, .rnd].contains($0.rounding) }) {
      graph.warnings.append(
        Diagnostic(
          file: layer.origin.file, place: layer.origin.path,
          "input '\(layer.name)': its quantizer's rounding is that of words of 24 fraction bits, as hls4ml has it"
        ))
    }
    let isFine = quantizers.allSatisfy { [.trn, .rnd].contains($0.rounding) }
    let common = bits.isEmpty ? HLSBits(0, 0, 1) : HLSBits.common(bits)
    let fixed = HLSBits(common.sign, common.integer, isFine ? format.fractionBits : 24)
    guard let type = fixed.precision.format else { return false }
    let precision = HLSPrecision.format(type.with(.trn, isSaturating ? .sat : .wrap))
    graph.layers[place].result = precision
    for name in wiring {
      // What moves the input's words has words of its type.
      if let index = graph.index(of: name) { graph.layers[index].result = .format(type.with(.trn, .wrap)) }
    }
    return true
  }
}

/// The bits of every element of every layer's result.
private struct BitFlow {
  var produced: [String: [HLSBits]] = [:]

  // MARK: Forward

  /// What a layer makes of what it reads. A quantizer's formats lose bits that no word has.
  mutating func produce(_ graph: inout HLSGraph, _ place: Int) throws(Failure) {
    let layer = graph.layers[place]
    let inputs = layer.inputs.map { produced[$0] ?? [] }
    let shapes = layer.inputs.indices.map { graph.operand(layer, $0)?.shape ?? [] }
    let result: [HLSBits]
    switch layer.kind {
    case .input: result = Array(repeating: .anything, count: layer.shape.reduce(1, *))
    case .fixedQuantizer(var quantizer):
      result = quantizer.shrink(inputs[0], shape: layer.shape)
      graph.layers[place].kind = .fixedQuantizer(quantizer)
    case .reshape, .repack, .clone, .activation(.linear): result = inputs[0]
    case .transpose(let order):
      result = Rearrangement.transpose(order).map(shapes[0]).map { inputs[0][$0] }
    case .concatenate(let axis):
      let all = inputs.flatMap { $0 }
      result = Rearrangement.concatenate(axis: axis).map(of: shapes).map { all[$0] }
    case .activation(.relu): result = inputs[0].map { HLSBits(0, $0.integer, $0.fraction) }
    case .dense: result = sums(layer, inputs[0].map(HLSInterval.init), depth: shapes[0].last ?? 1)
    case .convolution(let convolution):
      guard case .standard(groups: 1) = convolution.kind, convolution.dilation.allSatisfy({ $0 == 1 }) else {
        throw unknown(layer)
      }
      let window = Window(
        kernel: convolution.kernel, strides: convolution.strides, dilation: convolution.dilation,
        before: convolution.padding.map(\.before), after: convolution.padding.map(\.after))
      let x = window.elementMap(shapes[0]).map { HLSInterval($0 < 0 ? .zero : inputs[0][$0]) }
      result = sums(layer, x, depth: convolution.kernel.reduce(1, *) * (shapes[0].last ?? 1))
    case .pooling(let pooling): result = try pooled(layer, pooling, inputs[0], shapes[0])
    case .globalPooling(let kind, _):
      let size = Array(shapes[0].dropLast())
      let all = Pooling(kind: kind, size: size, strides: size.map { _ in 1 }, padding: .valid)
      result = try pooled(layer, all, inputs[0], shapes[0])
    case .kernel(let kernel):
      guard let bits = kernel.produced(layer, inputs, shapes) else { throw unknown(layer) }
      result = bits
    case .dot:
      let products = zip(inputs[0], inputs[1]).map { HLSInterval($0) * HLSInterval($1) }
      result = [products.dropFirst().reduce(products[0], +).bits]
    case .batchNormalization(isAlpha: false, axis: nil):
      let scale = layer.weights[.scale]?.data.values ?? [1]
      let bias = layer.weights[.bias]?.data.values ?? [0]
      result = inputs[0].indices.map { element in
        let product = HLSInterval(inputs[0][element]) * HLSInterval(scale[element % scale.count])
        return (product + HLSInterval(bias[element % bias.count])).bits
      }
    case .merge(let merge):
      guard let bits = merge.produced(layer, inputs, shapes) else { throw unknown(layer) }
      result = bits
    default: throw unknown(layer)
    }
    produced[layer.name] = result
  }

  private func unknown(_ layer: HLSLayer) -> Failure {
    Failure(
      .badInput,
      [
        Diagnostic(
          file: layer.origin.file, place: layer.origin.path,
          "layer '\(layer.name)' (\(layer.className)): its types in a model with fixed-point quantizers are not supported",
          hint: "--numerics exact computes it")
      ])
  }

  /// Rows of `depth` numbers times the weights, plus the bias.
  private func sums(_ layer: HLSLayer, _ x: [HLSInterval], depth: Int) -> [HLSBits] {
    let weights = (layer.weights[.weight]?.data.values ?? []).map(HLSInterval.init)
    let columns = weights.count / max(1, depth)
    let bias = layer.weights[.bias]?.data.values ?? []
    return stride(from: 0, to: x.count, by: depth).flatMap { row in
      (0..<columns).map { column -> HLSBits in
        var sum = x[row] * weights[column]
        for k in 1..<max(1, depth) { sum = sum + x[row + k] * weights[k * columns + column] }
        return (bias.isEmpty ? sum : sum + HLSInterval(bias[column])).bits
      }
    }
  }

  private func pooled(_ layer: HLSLayer, _ pooling: Pooling, _ x: [HLSBits], _ shape: [Int]) throws(Failure)
    -> [HLSBits]
  {
    let spans = pooling.spans(input: shape, output: layer.shape)
    let window = Window(
      kernel: pooling.size, strides: pooling.strides, dilation: pooling.size.map { _ in 1 },
      before: spans.map(\.before), after: spans.map(\.after), groups: shape.last ?? 1)
    let taps = pooling.size.reduce(1, *)
    let map = window.elementMap(shape)
    guard map.count / taps == layer.shape.reduce(1, *) else { throw unknown(layer) }
    return stride(from: 0, to: map.count, by: taps).map { start in
      let seen = map[start..<start + taps]
      var bits = HLSBits.common(seen.map { $0 < 0 ? .zero : x[$0] })
      if pooling.kind == .average {
        bits.fraction += HLSBits(holding: 1 / Double(seen.count { $0 >= 0 })).fraction
      }
      return bits
    }
  }

  // MARK: Backward

  /// The bits of a layer's result that those that read it can make use of.
  private func requested(_ graph: HLSGraph, _ layer: HLSLayer) -> [HLSBits] {
    let count = layer.shape.reduce(1, *)
    let readers = graph.consumers(of: layer.name)
    guard !readers.isEmpty else { return Array(repeating: .anything, count: count) }
    var bits = [HLSBits](repeating: HLSBits(0, -127, -127), count: count)
    for place in readers {
      let reader = graph.layers[place]
      let wanted: [HLSBits]
      switch reader.kind {
      case .fixedQuantizer(let quantizer):
        let own = quantizer.bits.map { bits -> HLSBits in
          let fraction =
            quantizer.rounding == .trn ? bits.fraction : quantizer.rounding == .rnd ? bits.fraction + 1 : 126
          return quantizer.overflow == .wrap
            ? HLSBits(bits.sign, bits.integer, fraction) : HLSBits(1, 126, fraction)
        }
        wanted = quantizer.places(in: layer.shape).map { own[$0] }
      case .reshape, .activation(.linear): wanted = requested(graph, reader)
      case .transpose(let order):
        var moved = bits
        let behind = requested(graph, reader)
        for (word, source) in zip(behind, Rearrangement.transpose(order).map(layer.shape)) {
          moved[source] = word
        }
        wanted = moved
      case .concatenate(let axis):
        let shapes = reader.inputs.indices.map { graph.operand(reader, $0)?.shape ?? [] }
        let start = reader.inputs.firstIndex(of: layer.name).map {
          shapes.prefix($0).map { $0.reduce(1, *) }.reduce(0, +)
        }
        var moved = bits
        for (word, source) in zip(
          requested(graph, reader), Rearrangement.concatenate(axis: axis).map(of: shapes))
        {
          let own = source - (start ?? 0)
          if moved.indices.contains(own) { moved[own] = word }
        }
        wanted = moved
      case .activation(.relu): wanted = requested(graph, reader).map { HLSBits(1, 126, $0.fraction) }
      default: wanted = Array(repeating: .anything, count: count)
      }
      bits = zip(bits, wanted).map { $0.combined($1, max) }
    }
    return bits
  }

  /// Gives a layer the types of what it produces and what is made use of.
  func register(_ graph: inout HLSGraph, _ place: Int) {
    var layer = graph.layers[place]
    guard let own = produced[layer.name] else { return }
    let wanted = requested(graph, layer)
    let wraps = isReadByWrappingQuantizer(graph, layer)
    let bits = zip(own, wanted).map { own, wanted -> HLSBits in
      var both = own.combined(wanted, min)
      if wraps { both.sign = wanted.sign }
      return both
    }
    layer.result = HLSBits.common(bits).precision
    var accum = HLSBits.common(own)
    // The sum before it is divided.
    switch layer.kind {
    case .pooling(let pooling) where pooling.kind == .average:
      accum.integer += pooling.size.reduce(1, *).ceilingLog2
    case .globalPooling(.average, _):
      let count = (graph.operand(layer)?.shape ?? []).dropLast().reduce(1, *)
      accum.integer += count.ceilingLog2
    default: break
    }
    if layer.types[.accum] != nil { layer.types[.accum] = accum.precision }
    if layer.types[.table] == .auto { layer.types[.table] = HLSBits.common(own).precision }
    for (role, weight) in layer.weights {
      layer.types[role] = HLSBits.common(weight.data.values.map(HLSBits.init(holding:))).precision
    }
    graph.layers[place] = layer
  }

  private func isReadByWrappingQuantizer(_ graph: HLSGraph, _ layer: HLSLayer) -> Bool {
    for place in graph.consumers(of: layer.name) {
      switch graph.layers[place].kind {
      case .fixedQuantizer(let quantizer):
        if ![.sat, .satSym].contains(quantizer.overflow) { return true }
      case .reshape: return isReadByWrappingQuantizer(graph, graph.layers[place])
      default: continue
      }
    }
    return false
  }
}

extension HLSFixedQuantizer {
  /// Takes bits from the formats that no word of the input makes use of.
  ///
  /// - Returns: the bits of every element of the result.
  fileprivate mutating func shrink(_ input: [HLSBits], shape: [Int]) -> [HLSBits] {
    let places = places(in: shape)
    let result = zip(places, input).map { place, given -> HLSBits in
      let own = bits[place]
      var both = own.combined(given, min)
      // A word that is rounded up may need a bit more.
      if given.fraction > own.fraction, own.integer > given.integer, rounding != .trn || own.sign == 1 {
        both.integer += 1
      }
      var kept = own
      let (ownEnd, givenEnd) = (HLSInterval(own).high, HLSInterval(given).high)
      if overflow == .sat || (ownEnd >= givenEnd && own.sign >= given.sign) { kept = both }
      return kept.width <= 0 ? .zero : kept
    }
    // Along axes without formats of their own, the widest stand for all.
    var widest = [(sign: Int, width: Int, whole: Int)?](repeating: nil, count: bits.count)
    for (place, bits) in zip(places, result) {
      let known = widest[place] ?? (0, Int.min, Int.min)
      widest[place] = (
        max(known.sign, bits.sign), max(known.width, bits.width), max(known.whole, bits.sign + bits.integer)
      )
    }
    bits = widest.map { entry in
      guard let entry else { return .zero }
      return HLSBits(entry.sign, entry.whole - entry.sign, entry.width - entry.whole)
    }
    return result
  }
}

extension Rearrangement {
  /// For every word of the result, the operand's.
  fileprivate func map(_ shape: [Int]) -> [Int] { map(of: [shape]) }

  fileprivate func map(of shapes: [[Int]]) -> [Int] {
    guard
      let result = try? Operation.rearrange(self).resultType(
        shapes.map { ValueType($0, .integer(1)) }
      ).shape
    else { return [] }
    return elementMap(shapes, result: result)
  }
}

extension Merge {
  /// The bits of every element of what is made of several inputs, broadcast as numpy does; nil where hls4ml has no rule.
  func produced(_ layer: HLSLayer, _ inputs: [[HLSBits]], _ shapes: [[Int]]) -> [HLSBits]? {
    let places = shapes.compactMap { broadcastPlaces($0, to: layer.shape) }
    let halvings = inputs.count.trailingZeroBitCount
    guard places.count == inputs.count, self != .average || inputs.count == 1 << halvings else { return nil }
    return (0..<layer.shape.reduce(1, *)).map { element in
      let operands = inputs.indices.map { inputs[$0][places[$0][element]] }
      if self == .maximum || self == .minimum { return HLSBits.common(operands) }
      let intervals = operands.map(HLSInterval.init)
      var bits = intervals.dropFirst().reduce(intervals[0]) {
        self == .subtract ? $0 + -$1 : self == .multiply ? $0 * $1 : $0 + $1
      }.bits
      if self == .average { bits = HLSBits(bits.sign, bits.integer - halvings, bits.fraction + halvings) }
      return bits
    }
  }
}

extension Int {
  /// The fewest bits that so many things are numbered with.
  fileprivate var ceilingLog2: Int { self <= 1 ? 0 : Int.bitWidth - (self - 1).leadingZeroBitCount }
}
