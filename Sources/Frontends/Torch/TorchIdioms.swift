import Diagnostics
import Model

// Functions that PyTorch takes apart: softsign always, others where a program is decomposed (`run_decompositions`). They are
// known by their whole form; anything else that is made of the same calls is refused.

/// A comparison, or a part of a function that only `where` makes whole: it has no value of its own here.
@Sendable func partOfWhere(_ call: TorchCall) throws(Failure) -> [String?] {
  guard call.node.results.count == 1 else { throw call.problem("has \(call.node.results.count) results") }
  // A name that no node computes: `where` asks for the call itself.
  return ["#\(call.function) of '\(call.node.label)', which is no layer"]
}

/// where(condition, a, b), of the forms that activations are taken apart into.
@Sendable func convertWhere(_ call: TorchCall) throws(Failure) -> [String?] {
  let choice = { () throws(Failure) in
    [call.emit("Where", [try call.tensor("condition"), try call.operand("self"), try call.operand("other")])]
  }
  guard call.translator.isOfEvents(call.node) else { return try choice() }
  if let weights = call.softmaxOfRows() { return [try call.translator.name(of: weights, for: call.node)] }
  let condition = call.producer(of: call.node.tensor("condition"))
  guard let condition, let x = condition.tensor("self"), let bound = condition.real("other") else {
    return try choice()
  }
  let (yes, no) = (call.node.tensor("self"), call.node.tensor("other"))
  let name = try call.translator.name(of: x, for: call.node)
  switch condition.function {
  case "gt":
    // PReLU: x > 0 ? x : w · x.
    if bound == 0, yes == x, let product = call.producer(of: no, "mul"), let slopes = product.other(than: x) {
      return [call.emit("PRelu", [name, try call.translator.name(of: slopes, for: call.node)])]
    }
    // CELU: x > 0 ? x : a · expm1(x / a).
    if bound == 0, yes == x, let product = call.producer(of: no, "mul"), let alpha = product.real("other"),
      let expm1 = call.producer(of: product.tensor("self"), "expm1"),
      let quotient = call.producer(of: expm1.tensor("self"), "div"), quotient.tensor("self") == x,
      quotient.real("other") == alpha, alpha > 0
    {
      let inner = call.emit("Mul", [name, call.number(1 / alpha)], suffix: "inner")
      return [
        call.emit(
          "Mul", [call.emit("Elu", [inner], ["alpha": .real(1)]), call.number(alpha)], suffix: "scaled")
      ]
    }
    // Softplus: beta · x > threshold ? x : log1p(exp(beta · x)) / beta.
    if let source = yes, let logarithm = call.softplusLogarithm(x, source, no) {
      let source = try call.translator.name(of: source, for: call.node)
      return [try call.softplus(source, beta: logarithm, threshold: bound)]
    }
  case "le":
    // Threshold: x <= t ? 0 : x.
    if no == x, let zero = call.producer(of: yes, "scalar_tensor"), zero.real("s") == 0 {
      return [call.emit("ThresholdedRelu", [name], ["alpha": .real(bound)])]
    }
  default: break
  }
  return try choice()
}

extension TorchCall {
  /// The beta of a softplus of `source`, whose scaled input is `scaled` and whose logarithm's quotient is `result`.
  fileprivate func softplusLogarithm(_ scaled: String, _ source: String, _ result: String?) -> Double? {
    var (beta, logarithm) = (1.0, result)
    if scaled != source {
      guard let product = producer(of: scaled, "mul"), product.tensor("self") == source,
        let factor = product.real("other"),
        let quotient = producer(of: result, "div"), quotient.real("other") == factor
      else { return nil }
      (beta, logarithm) = (factor, quotient.tensor("self"))
    }
    guard let log1p = producer(of: logarithm, "log1p"), let exp = producer(of: log1p.tensor("self"), "exp"),
      exp.tensor("self") == scaled
    else { return nil }
    return beta
  }

  /// The softmax of scores of which the rows that are −∞ everywhere give 0: scaled_dot_product_attention, which is
  /// where(not any(not scores == −∞), 0, softmax(scores)). A softmax here gives 0 where nothing is left.
  fileprivate func softmaxOfRows() -> String? {
    guard let none = producer(of: node.tensor("condition"), "logical_not"),
      let any = producer(of: none.tensor("self"), "any"),
      let some = producer(of: any.tensor("self"), "logical_not"),
      let equal = producer(of: some.tensor("self"), "eq"), equal.real("other") == -.infinity,
      let zeros = producer(of: node.tensor("self"), "full_like"), zeros.real("fill_value") == 0,
      let weights = node.tensor("other"), let softmax = producer(of: weights, "_softmax"),
      softmax.tensor("self") == equal.tensor("self"), softmax.real("dim") == any.real("dim")
    else { return nil }
    return weights
  }

  /// Softsign: x / (1 + |x|).
  func softsignOperand() -> String? {
    guard let x = node.tensor("self"), let sum = producer(of: node.tensor("other"), "add"),
      sum.real("other") == 1,
      sum.real("alpha") ?? 1 == 1, let absolute = producer(of: sum.tensor("self"), "abs"),
      absolute.tensor("self") == x
    else { return nil }
    return x
  }

  /// The call that gives a tensor, if it is one of that function.
  fileprivate func producer(of tensor: String?, _ function: String? = nil) -> TorchNode? {
    guard let tensor, let producer = translator.producer(of: tensor), !producer.isInPlace else { return nil }
    return function == nil || producer.function == function ? producer : nil
  }
}

extension TorchNode {
  var function: String { TorchCall.functionName(target) }

  /// The program's name of an argument; nil where it is no tensor.
  fileprivate func tensor(_ key: String) -> String? {
    if case .tensor(let name)? = arguments[key] { return name }
    return nil
  }

  /// A number; nil where the argument is none.
  fileprivate func real(_ key: String) -> Double? {
    switch arguments[key] {
    case .real(let value)?: value
    case .length(.known(let value))?: Double(value)
    default: nil
    }
  }

  /// The other factor of a product of two tensors.
  fileprivate func other(than tensor: String) -> String? {
    guard let a = self.tensor("self"), let b = self.tensor("other") else { return nil }
    return a == tensor ? b : b == tensor ? a : nil
  }
}
