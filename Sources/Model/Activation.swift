/// A function applied to every element, with the source framework's exact parameters.
public indirect enum Activation: Hashable, Sendable {
  case linear
  /// Keras's ReLU: f(x) = maximum for x ≥ maximum; x for threshold ≤ x; slope · (x − threshold) below.
  case relu(maximum: Double?, negativeSlope: Double, threshold: Double)
  /// x for x ≥ 0, slope · x below.
  case leakyReLU(slope: Double)
  /// As leakyReLU with a slope per element.
  case prelu(slopes: Weights)
  /// x for x > theta, else 0.
  case thresholdedReLU(theta: Double)
  /// x for x > 0, alpha · (eˣ − 1) below.
  case elu(alpha: Double)
  case selu
  /// Along `axis` (0 is the first axis after the batch).
  case softmax(axis: Int)
  case sigmoid
  case tanh
  /// clip(slope · x + shift, 0, 1): Keras 2 has slope 0.2, Keras 3 has 1/6, shift 0.5 in both.
  case hardSigmoid(slope: Double, shift: Double)
  /// clip(x, −1, 1).
  case hardTanh
  case softplus
  case softsign
  /// x · sigmoid(x), also called silu.
  case swish
  /// x · tanh(softplus(x)).
  case mish
  /// `approximate`: the tanh form.
  case gelu(approximate: Bool)
  case exponential
  /// ln(max(x, least)).
  case logarithm(least: Double)
  /// factor · x + offset.
  case scaled(factor: Double, offset: Double)
  /// 1 / (x + offset).
  case reciprocal(offset: Double)
  /// √x, of negative numbers 0.
  case squareRoot
  /// 1 / √x.
  case inverseSquareRoot
  /// 1 where x is another number, else 0: what a mask leaves.
  case differs(from: Double)
  /// A small network for every element.
  case networks(ElementNetworks)
  /// Functions one after the other, of which only the last one's result is a number of the model: what a trainer means as
  /// one table.
  case sequence([Activation])
  /// Numbers rounded to those that a quantizer has.
  case quantizer(Quantizer)
}

extension Activation {
  /// All weights of the function.
  var weights: [Weights?] {
    switch self {
    case .prelu(let slopes): [slopes]
    case .networks(let networks):
      networks.layers.flatMap { [$0.kernel, $0.bias] + $0.activation.weights } + [
        networks.scale, networks.offset,
      ]
    case .sequence(let functions): functions.flatMap(\.weights)
    case .linear, .relu, .leakyReLU, .thresholdedReLU, .elu, .selu, .softmax, .sigmoid, .tanh, .hardSigmoid,
      .hardTanh, .differs,
      .softplus, .softsign, .swish, .mish, .gelu, .exponential, .logarithm, .scaled, .reciprocal, .squareRoot,
      .inverseSquareRoot, .quantizer:
      []
    }
  }
}
