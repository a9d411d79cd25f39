import Configuration
import FixedPoint
import Glibc
import Program

/// nnet_layernorm.h: mean, differences and variance in the accumulator's type, one over the root of the variance from a
/// table, and then the exact product.
struct LayerNormalizationKernel: HLSKernel {
  /// epsilon is 10 to minus this.
  var epsilonPower: Int
  /// The table covers variances from 0 to 2 to minus this.
  var rangePower = 0

  var className: String { "LayerNormalization" }
  var tensors: [HLSRole] { [.scale, .bias] }
  var types: [HLSRole: HLSPrecision] {
    [.accum: .fixed(14, 4, .rndConv, .sat), .table: .fixed(8, 5, signed: false, .rndConv, .sat)]
  }
  var settings: [String: StartingConfiguration.Setting] {
    ["ReuseFactor": .count(1), "TableRangePower2": .count(0), "TableSize": .count(4096)]
  }

  mutating func configure(_ settings: LayerSettings, _ layer: inout HLSLayer) {
    rangePower = settings.tableRangePower2 ?? 0
    layer.tableSize = settings.tableSize ?? 4096
  }

  func inferred(_ layer: HLSLayer, _ types: InferredTypes) -> [HLSRole: HLSPrecision] {
    types.normalization(layer)
  }

  func emit(_ emitter: inout HLSEmitter) throws(ProgramError) -> ValueID {
    let accum = try emitter.format(.accum)
    let count = emitter.layer.shape.last ?? 1
    let inverse = emitter.constant(
      "share", ValueType([], accum), [accum.quantize(1 / Double(count))])
    func mean(_ terms: ValueID, _ name: String) throws(ProgramError) -> ValueID {
      let sum = try emitter.add(
        "\(name).sum", .reduce(.sum(accumulator: accum, order: .sequential)), terms)
      let product = try emitter.add("\(name).product", .elementwise(.multiply), sum, inverse)
      return try emitter.convert(product, to: accum, name)
    }
    let x = try emitter.convert(try emitter.operand(), to: accum, "terms")
    let difference = try emitter.convert(
      try emitter.add("centered.exact", .elementwise(.subtract), x, try mean(x, "mean")), to: accum,
      "centered")
    let square = try emitter.convert(
      try emitter.add("square.exact", .elementwise(.multiply), difference, difference), to: accum, "square")
    let variance = try mean(square, "variance")

    let (size, type) = (emitter.layer.tableSize, try emitter.format(.table))
    let index = try emitter.scaledIndex(
      variance, Double(size) * exp2(Double(rangePower)), unsigned: false, "index")
    let root = try emitter.lookUp(index, ValueType([size], type), table(size, type))
    let scaled = try emitter.add("normalized", .elementwise(.multiply), difference, root)
    let scale = emitter.constant(
      "scale", ValueType([count], try emitter.format(.scale)), try emitter.words(.scale))
    let bias = emitter.constant(
      "bias", ValueType([count], try emitter.format(.bias)), try emitter.words(.bias))
    let product = try emitter.add("product", .elementwise(.multiply), scaled, scale)
    return try emitter.converted(try emitter.add("sum", .elementwise(.add), product, bias))
  }

  /// 1/√(epsilon + place · step), in float as the simulation starts with.
  private func table(_ size: Int, _ type: FixedFormat) -> [Raw] {
    let start = Float(pow(10, -Double(epsilonPower)))
    let step = Float(pow(2, -Double(rangePower))) / Float(size)
    return (0..<size).map { place in
      type.quantize(1.0 / Double(sqrtf(start + step * Float(place))))
    }
  }
}
