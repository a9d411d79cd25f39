import Diagnostics
import Model

// Comparisons of data and what is made of them: 1 where they hold, else 0. All of it is exact on words: a difference, its sign, and
// sums of these.

/// Greater, GreaterOrEqual, Less, LessOrEqual and Equal of data.
func convertComparison(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  guard call.operands.count == 2 else { throw call.problem("has \(call.operands.count) operands") }
  let (a, b) = (call.operands[0], call.operands[1])
  let result =
    switch call.node.operation {
    case "GreaterOrEqual": try call.holds(a, b)
    case "LessOrEqual": try call.holds(b, a)
    case "Greater": try call.holds(b, a, isNegated: true)
    case "Less": try call.holds(a, b, isNegated: true)
    default: try call.isEqual(a, b)
    }
  return [.data(call.whole(result))]
}

/// 1, 0 or −1: half the difference of the signs of x and −x, each 1 at 0.
func convertSign(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  let x = try call.data(0)
  let (up, down) = (try call.sign(x, "up"), try call.sign(try call.scaled(x, -1, 0, "minus"), "down"))
  let twice = try call.merge(.subtract, [.data(up), .data(down)], suffix: "twice")
  return [.data(call.whole(try call.scaled(twice, 0.5, 0, "")))]
}

func convertNot(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  [.data(call.whole(try call.scaled(try call.data(0), -1, 1, "")))]
}

func convertLogical(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  let kind: Merge = call.node.operation == "And" ? .multiply : .maximum
  return [.data(call.whole(try call.merge(kind, call.operands)))]
}

/// Where(condition, a, b) = condition · a + (1 − condition) · b; before a softmax, where one of both is a lowest number, its mask.
func convertWhere(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  guard call.operands.count == 3 else { throw call.problem("has \(call.operands.count) operands") }
  if let masked = try call.softmaxMask() { return [.data(masked)] }
  func chosen(_ place: Int, isNegated: Bool) throws(Failure) -> ONNXData? {
    let suffix = isNegated ? "no" : "yes"
    var condition = call.operands[0]
    switch condition {
    case .constant(var tensor)?:
      tensor.values = tensor.values.map { ($0 != 0) != isNegated ? 1 : 0 }
      condition = .constant(tensor)
    case .data(let data)? where isNegated:
      condition = .data(try call.scaled(data, -1, 1, "not"))
    default: break
    }
    if call.isConstant(place) {
      let values = try call.constant(place, "what is chosen").values
      if values.allSatisfy({ $0 == 0 }) { return nil }
      guard values.allSatisfy({ abs($0) < -ONNXCall.lowest }) else {
        throw call.problem(
          "chooses numbers of 10⁴ and more", hint: "lowest numbers are read as the mask of a softmax only")
      }
      guard case .data? = condition else {
        throw call.problem("chooses constants by a constant, and data otherwise")
      }
    }
    return try call.merge(.multiply, [condition, call.operands[place]], suffix: suffix)
  }
  let parts = [try chosen(1, isNegated: false), try chosen(2, isNegated: true)].compactMap { $0 }
  switch parts.count {
  case 2: return [.data(try call.merge(.add, parts.map { .data($0) }))]
  case 1: return [.data(parts[0])]
  default: throw call.problem("chooses between zeros")
  }
}

extension ONNXCall {
  /// −1 below 0, else 1.
  fileprivate func sign(_ x: ONNXData, _ suffix: String) throws(Failure) -> ONNXData {
    try elementwise(
      .activation(.quantizer(.uniform(UniformQuantizer(scale: Elements(1), levels: .bipolar)))), x,
      suffix: suffix)
  }

  /// factor · x + offset.
  fileprivate func scaled(_ x: ONNXData, _ factor: Double, _ offset: Double, _ suffix: String)
    throws(Failure) -> ONNXData
  {
    try elementwise(.activation(.scaled(factor: factor, offset: offset)), x, suffix: suffix)
  }

  /// The sign of a − b.
  private func order(_ a: ONNXOperand?, _ b: ONNXOperand?, _ suffix: String) throws(Failure) -> ONNXData {
    try sign(try merge(.subtract, [a, b], suffix: "\(suffix)difference"), "\(suffix)sign")
  }

  /// 1 where a ≥ b, else 0; negated, 1 where a < b.
  fileprivate func holds(_ a: ONNXOperand?, _ b: ONNXOperand?, isNegated: Bool = false) throws(Failure)
    -> ONNXData
  {
    try scaled(try order(a, b, ""), isNegated ? -0.5 : 0.5, 0.5, "")
  }

  /// Where a ≥ b and b ≥ a both signs are 1, elsewhere they cancel.
  fileprivate func isEqual(_ a: ONNXOperand?, _ b: ONNXOperand?) throws(Failure) -> ONNXData {
    let (up, down) = (try order(a, b, "up_"), try order(b, a, "down_"))
    return try scaled(try merge(.add, [.data(up), .data(down)], suffix: "twice"), 0.5, 0, "")
  }

  /// Notes that data is whole numbers.
  fileprivate func whole(_ x: ONNXData) -> ONNXData {
    importer.wholes.insert(x.value)
    return x
  }

  /// 1 where data is not 0, as a cast to bool makes of it.
  func isNotZero(_ x: ONNXData) throws(Failure) -> ONNXData {
    let zero = ONNXOperand.constant(ONNXTensor(.float32, [1], [0]))
    return whole(try scaled(try isEqual(.data(x), zero), -1, 1, "not"))
  }
}
