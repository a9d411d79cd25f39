import FixedPoint

extension Program {
  /// Runs one event: the definition of what a program computes. Slow and plain on purpose.
  ///
  /// - Parameter event: the raw words of each of `inputs`, row major, already in its format.
  /// - Returns: the raw words of every instruction's result, by instruction.
  /// - Precondition: the program passes `verify()` and the inputs fill their shapes.
  public func evaluate(_ event: [[Raw]]) -> [[Raw]] {
    var values: [[Raw]] = []
    values.reserveCapacity(instructions.count)
    for instruction in instructions {
      switch instruction.operation.form {
      case .input:
        guard let slot = inputs.firstIndex(of: ValueID(values.count)) else {
          preconditionFailure("an input that is not listed; verify() reports it")
        }
        precondition(event[slot].count == instruction.type.count, "input does not fill its shape")
        values.append(event[slot])
      case .constant(let words): values.append(words)
      case .wordwise, .product, .reduction, .wiring, .scan:
        let operands = instruction.operands.map {
          Tensor(type: instructions[$0.index].type, words: values[$0.index])
        }
        values.append(instruction.operation.evaluate(operands, result: instruction.type))
      }
    }
    return values
  }
}

/// A typed tensor of raw words, row major.
struct Tensor {
  let type: ValueType
  let words: [Raw]

  var format: FixedFormat { type.format }
  var shape: [Int] { type.shape }

  /// The word that numpy broadcasting to `shape` puts at each place.
  func broadcast(to shape: [Int]) -> [Raw] {
    if shape == type.shape { return words }
    return broadcastPlaces(of: type.shape, in: shape).map { words[$0] }
  }
}

extension Operation {
  func evaluate(_ operands: [Tensor], result: ValueType) -> [Raw] {
    switch self {
    case .input, .constant: return []
    case .requantize(let formats):
      return formats.convert(
        operands[0].words, shape: operands[0].shape, fractionBits: operands[0].format.fractionBits)
    case .affine(let affine): return affine.evaluate(operands[0], operands[1], operands[2])
    case .contract(let contract): return contract.evaluate(operands[0], operands[1])
    case .elementwise(let kind):
      let (a, b) = (operands[0], operands[1])
      return zip(a.broadcast(to: result.shape), b.broadcast(to: result.shape)).map {
        kind.evaluate($0, a.format, $1, b.format)
      }
    case .reduce(let reduction): return reduction.evaluate(operands[0])
    case .lookup:
      let tables = operands[1].words
      let entries = operands[1].shape.last ?? 1
      let table = broadcastPlaces(of: operands[1].shape.dropLast(), in: result.shape)
      return zip(operands[0].broadcast(to: result.shape), table).map { index, table in
        tables[table * entries + Int(min(max(index, 0), Raw(entries - 1)))]
      }
    case .select(let comparison):
      let parts = operands.map { $0.broadcast(to: result.shape) }
      let formats = operands.map(\.format)
      return (0..<result.count).map { at in
        let (a, b) = aligned(parts[0][at], formats[0], parts[1][at], formats[1])
        let chosen = comparison.holds(a, b) ? 2 : 3
        return parts[chosen][at] << Raw(result.format.fractionBits - formats[chosen].fractionBits)
      }
    case .window(let window):
      let x = operands[0]
      return window.elementMap(x.shape).map { $0 < 0 ? window.padding : x.words[$0] }
    case .rearrange(let rearrangement):
      let words = operands.flatMap { operand in
        operand.words.map { $0 << Raw(result.format.fractionBits - operand.format.fractionBits) }
      }
      return rearrangement.elementMap(operands.map(\.shape), result: result.shape).map {
        $0 < 0 ? rearrangement.fill : words[$0]
      }
    case .scan(let scan): return scan.evaluate(operands)
    }
  }
}

/// Two words of two formats as integer multiples of one common step.
func aligned(_ a: Raw, _ formatA: FixedFormat, _ b: Raw, _ formatB: FixedFormat) -> (Raw, Raw) {
  let fraction = max(formatA.fractionBits, formatB.fractionBits)
  return (a << Raw(fraction - formatA.fractionBits), b << Raw(fraction - formatB.fractionBits))
}

/// `format(acc + term)`: one step of a running sum kept in `accumulator`.
private func accumulate(_ acc: Raw, _ accumulator: FixedFormat, _ term: Raw, _ format: FixedFormat) -> Raw {
  let (a, b) = aligned(acc, accumulator, term, format)
  return accumulator.quantize(a + b, fractionBits: max(accumulator.fractionBits, format.fractionBits))
}

extension Affine {
  fileprivate func evaluate(_ x: Tensor, _ weights: Tensor, _ bias: Tensor) -> [Raw] {
    let shape = weights.shape
    let (inputs, outputs) = (shape[shape.count - 2], shape[shape.count - 1])
    let groups = shape.count == 3 ? shape[0] : 1
    let exact = FixedFormat.product(x.format, weights.format)
    let order = self.order.indices(inputs)
    var result: [Raw] = []
    for row in 0..<x.words.count / inputs {
      let group = row % groups
      for output in 0..<outputs {
        var acc = accumulator.quantize(bias.words[group * outputs + output], from: bias.format)
        for k in order {
          let term = x.words[row * inputs + k] * weights.words[(group * inputs + k) * outputs + output]
          let converted = product.map { $0.quantize(term, from: exact) } ?? term
          acc = accumulate(acc, accumulator, converted, product ?? exact)
        }
        result.append(acc)
      }
    }
    return result
  }
}

extension Contract {
  fileprivate func evaluate(_ x: Tensor, _ y: Tensor) -> [Raw] {
    let rank = x.shape.count
    let (rows, columns, depth) = (x.shape[rank - 2], y.shape[rank - 2], x.shape[rank - 1])
    let exact = FixedFormat.product(x.format, y.format)
    var result: [Raw] = []
    for batch in 0..<x.words.count / (rows * depth) {
      for row in 0..<rows {
        for column in 0..<columns {
          var acc: Raw = 0
          for k in 0..<depth {
            let term =
              x.words[(batch * rows + row) * depth + k] * y.words[(batch * columns + column) * depth + k]
            let converted = product.map { $0.quantize(term, from: exact) } ?? term
            acc = accumulate(acc, accumulator, converted, product ?? exact)
          }
          result.append(acc)
        }
      }
    }
    return result
  }
}

extension Elementwise {
  fileprivate func evaluate(_ a: Raw, _ formatA: FixedFormat, _ b: Raw, _ formatB: FixedFormat) -> Raw {
    switch self {
    case .multiply: return a * b
    // Swift's integer division truncates toward zero, as ap_fixed's does; a divisor has no fraction bits.
    case .divide: return a / b
    case .add, .subtract, .maximum, .minimum: break
    }
    let (x, y) = aligned(a, formatA, b, formatB)
    switch self {
    case .add: return x + y
    case .subtract: return x - y
    case .maximum: return max(x, y)
    case .minimum, .multiply, .divide: return min(x, y)
    }
  }
}

extension Reduction {
  fileprivate func evaluate(_ x: Tensor) -> [Raw] {
    let length = x.shape[x.shape.count - 1]
    return stride(from: 0, to: x.words.count, by: length).map { start in
      let row = Array(x.words[start..<start + length])
      switch self {
      case .maximum: return row.reduce(row[0], max)
      case .minimum: return row.reduce(row[0], min)
      case .argmax: return Raw(row.indices.first { row[$0] == row.max() } ?? 0)
      case .sum(let accumulator, let order):
        let terms = row.map { accumulator.quantize($0, from: x.format) }
        switch order {
        case .sequential:
          return terms.dropFirst().reduce(terms[0]) { accumulate($0, accumulator, $1, accumulator) }
        case .tree: return Self.treeSum(terms[...], accumulator)
        }
      }
    }
  }

  private static func treeSum(_ terms: ArraySlice<Raw>, _ accumulator: FixedFormat) -> Raw {
    if terms.count == 1 { return terms[terms.startIndex] }
    let left = 1 << (Int.bitWidth - 1 - (terms.count - 1).leadingZeroBitCount)
    let sums = (treeSum(terms.prefix(left), accumulator), treeSum(terms.dropFirst(left), accumulator))
    return accumulate(sums.0, accumulator, sums.1, accumulator)
  }
}

extension Comparison {
  /// Whether `a ⋄ b`.
  func holds(_ a: Raw, _ b: Raw) -> Bool {
    switch self {
    case .less: a < b
    case .lessOrEqual: a <= b
    case .equal: a == b
    case .greaterOrEqual: a >= b
    case .greater: a > b
    }
  }
}
