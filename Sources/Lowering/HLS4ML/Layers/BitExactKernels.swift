import FixedPoint
import Model
import Program

/// nnet_einsum.h of two tensors of data: sums of products of the last axes, which HGQ2's models have.
struct EinsumKernel: HLSKernel {
  var className: String { "Einsum" }
  var types: [HLSRole: HLSPrecision] { [.accum: .auto] }

  func produced(_ layer: HLSLayer, _ inputs: [[HLSBits]], _ shapes: [[Int]]) -> [HLSBits]? {
    guard let depth = shapes[0].last, depth > 0, shapes[0].count >= 2 else { return nil }
    let (rows, columns) = (shapes[0][shapes[0].count - 2], shapes[1][shapes[1].count - 2])
    let (x, y) = (inputs[0].map(HLSInterval.init), inputs[1].map(HLSInterval.init))
    return (0..<layer.shape.reduce(1, *)).map { element in
      let (matrix, place) = element.quotientAndRemainder(dividingBy: rows * columns)
      let first = (matrix * rows + place / columns) * depth
      let second = (matrix * columns + place % columns) * depth
      return (1..<depth).reduce(x[first] * y[second]) { $0 + x[first + $1] * y[second + $1] }.bits
    }
  }

  func emit(_ emitter: inout HLSEmitter) throws(ProgramError) -> ValueID {
    let contract = Contract(product: nil, accumulator: try emitter.format(.accum))
    let sum = try emitter.add("sum", .contract(contract), try emitter.operand(), try emitter.operand(1))
    return try emitter.converted(sum)
  }
}

/// Two inputs of a softmax of HGQ2 taken together, broadcast as numpy does: hls4ml has the softmax as one kernel, with the
/// same words.
struct SoftmaxStepKernel: HLSKernel {
  var merge: Merge
  var className: String { "Softmax" }

  func produced(_ layer: HLSLayer, _ inputs: [[HLSBits]], _ shapes: [[Int]]) -> [HLSBits]? {
    merge.produced(layer, inputs, shapes)
  }

  func emit(_ emitter: inout HLSEmitter) throws(ProgramError) -> ValueID {
    try emitter.converted(
      try emitter.add(
        merge.rawValue, .elementwise(merge.elementwise), try emitter.operand(), try emitter.operand(1)))
  }
}

/// Numbers that are the same for every event.
struct ConstantKernel: HLSKernel {
  var values: [Double]
  var className: String { "Constant" }

  func produced(_ layer: HLSLayer, _ inputs: [[HLSBits]], _ shapes: [[Int]]) -> [HLSBits]? {
    values.map(HLSBits.init(holding:))
  }

  func emit(_ emitter: inout HLSEmitter) throws(ProgramError) -> ValueID {
    let format = try emitter.format(.result)
    return emitter.constant("", ValueType(emitter.layer.shape, format), values.map { format.quantize($0) })
  }
}
