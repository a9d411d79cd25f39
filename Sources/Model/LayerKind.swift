/// What a layer computes. Data is channels last; a frontend converts channels-first models.
public enum LayerKind: Sendable {
  /// A model input. `integerType` is set for integer and boolean dtypes (int8, bool).
  case input(integerType: IntegerType?)
  /// Numbers that are the same for every event: a layer without inputs.
  case constant(Constant)
  /// y = activation(x · kernel + bias) over the last axis.
  case dense(Dense)
  /// A function applied to every element (softmax: along one axis).
  case activation(Activation)
  /// y = gamma · (x − mean) / √(variance + epsilon) + beta along one axis.
  case batchNormalization(BatchNormalization)
  /// Element by element over two or more inputs of one shape (numpy broadcasting).
  case merge(Merge)
  /// The inputs joined along `axis` (0 is the first axis after the batch).
  case concatenate(axis: Int)
  /// The dot product along one axis of each input (0 is the first axis after the batch).
  case dot(axes: [Int], normalize: Bool)
  /// The products of matrices: x [batch…, M, K] and y [batch…, N, K] give the sums over K, [batch…, M, N].
  case matrixProduct
  /// The same elements, row major, in the layer's output shape (Flatten, Reshape).
  case reshape
  /// Axes reordered: output axis i is input axis `order[i]` (0 is the first axis after the batch).
  case permute(order: [Int])
  /// A convolution of any rank and kind.
  case convolution(Convolution)
  /// A depthwise convolution (linear, without bias) followed by a pointwise one.
  case separableConvolution(depthwise: Convolution, pointwise: Convolution)
  /// Maximum or average over windows.
  case pooling(Pooling)
  /// Maximum or average over all positions, per channel; of QGlobalAveragePooling2D, the quantizer of the
  /// reciprocal of the number of positions.
  case globalPooling(PoolingKind, keepDimensions: Bool, averageQuantizer: Quantizer?)
  /// Zeros added around the spatial axes: `[(before, after)]` per axis.
  case zeroPadding([Span])
  /// Elements removed around the spatial axes.
  case cropping([Span])
  /// Elements picked along each axis: their places, in order; nil takes all. (Slices, steps, reversals.)
  case gather(indices: [[Int]?])
  /// Each position repeated `factors[axis]` times (nearest neighbour).
  case upsampling(factors: [Int])
  /// Nearest-neighbour resize to the layer's output shape.
  case resizing
  /// The whole input repeated `count` times along a new first axis.
  case repeatVector(count: Int)
  /// Rows of a table that the input's numbers say.
  case embedding(Embedding)
  /// Every event normalized over its last axes.
  case layerNormalization(LayerNormalization)
  /// A cell run over a sequence: SimpleRNN, LSTM, GRU, in one direction or both.
  case recurrent(Recurrent)
  /// Decision trees over the input's numbers.
  case ensemble(Ensemble)
  /// Softmax along `axis` of the first input, where the second one, broadcast to it, is not 0: elsewhere the result is 0. Where it
  /// is 0 along the whole axis, all results are alike.
  case maskedSoftmax(axis: Int)
  /// Places of the largest or smallest words of the last axis.
  case topPlaces(TopPlaces)
  /// Rows that depend on the event: x [B, N, C] and places [B, J], toward zero, give [B, J, C]. Negative places count from the
  /// end; what is outside reads the first or the last row.
  case take
  /// GarNet, of vertices and their number.
  case garNet(GarNet)
  /// The input cut along `axis` (0 is the first axis after the batch) into parts of these lengths: a result each.
  case split(axis: Int, lengths: [Int])

  /// A word for the kind where the source has none.
  public var title: String {
    switch self {
    case .input: "Input"
    case .constant: "Constant"
    case .dense: "Dense"
    case .activation(.quantizer): "Quantizer"
    case .activation: "Activation"
    case .batchNormalization: "BatchNormalization"
    case .merge: "Merge"
    case .concatenate: "Concatenate"
    case .dot: "Dot"
    case .matrixProduct: "MatrixProduct"
    case .reshape: "Reshape"
    case .permute: "Permute"
    case .convolution: "Convolution"
    case .separableConvolution: "SeparableConvolution"
    case .pooling: "Pooling"
    case .globalPooling: "GlobalPooling"
    case .zeroPadding: "ZeroPadding"
    case .cropping: "Cropping"
    case .gather: "Gather"
    case .upsampling: "UpSampling"
    case .resizing: "Resizing"
    case .repeatVector: "RepeatVector"
    case .embedding: "Embedding"
    case .layerNormalization: "LayerNormalization"
    case .recurrent: "Recurrent"
    case .ensemble: "TreeEnsemble"
    case .split: "Split"
    case .maskedSoftmax: "Softmax"
    case .topPlaces: "TopPlaces"
    case .take: "Take"
    case .garNet: "GarNet"
    }
  }
}

extension LayerKind {
  /// All weights of the layer.
  public var weights: [Weights] {
    func of(_ normalization: BatchNormalization?) -> [Weights?] {
      [normalization?.gamma, normalization?.beta, normalization?.mean, normalization?.variance]
    }
    func of(_ convolution: Convolution) -> [Weights?] {
      [convolution.kernel, convolution.bias] + of(convolution.foldedNormalization)
    }
    let weights: [Weights?] =
      switch self {
      case .dense(let dense): [dense.kernel, dense.bias] + of(dense.foldedNormalization)
      case .convolution(let convolution): of(convolution)
      case .separableConvolution(let depthwise, let pointwise): of(depthwise) + of(pointwise)
      case .batchNormalization(let normalization): of(normalization)
      case .activation(let activation): activation.weights
      case .constant(let constant): [constant.values]
      case .embedding(let embedding): [embedding.rows]
      case .layerNormalization(let normalization): [normalization.gamma, normalization.beta]
      case .recurrent(let recurrent):
        recurrent.passes.flatMap { pass in
          [pass.kernel, pass.recurrentKernel, pass.bias] + pass.activation.weights
            + pass.gateActivation.weights
        }
      case .garNet(let net):
        net.passes.flatMap { [$0.features, $0.distances, $0.outputs].flatMap { [$0.kernel, $0.bias] } }
      case .ensemble(let ensemble):
        ensemble.trees.map { Weights(shape: [$0.leaves.count], values: $0.leaves) }
      case .input, .merge, .concatenate, .dot, .matrixProduct, .reshape, .permute, .pooling, .globalPooling,
        .zeroPadding, .cropping, .gather, .upsampling, .resizing, .repeatVector, .split, .maskedSoftmax,
        .topPlaces,
        .take:
        []
      }
    return weights.compactMap { $0 }
  }

  /// Whether it is an input of the model.
  public var isInput: Bool {
    if case .input = self { return true }
    return false
  }

  /// The trees of a layer of them; nil for others.
  public var ensemble: Ensemble? {
    if case .ensemble(let ensemble) = self { return ensemble }
    return nil
  }

  /// The activation inside a layer that computes something else first; nil for other kinds, which stay as they are when it
  /// is set.
  public var activation: Activation? {
    get {
      switch self {
      case .dense(let dense): dense.activation
      case .convolution(let convolution): convolution.activation
      case .separableConvolution(_, let pointwise): pointwise.activation
      default: nil
      }
    }
    set {
      switch self {
      case .dense(var dense):
        dense.activation = newValue ?? .linear
        self = .dense(dense)
      case .convolution(var convolution):
        convolution.activation = newValue ?? .linear
        self = .convolution(convolution)
      case .separableConvolution(let depthwise, var pointwise):
        pointwise.activation = newValue ?? .linear
        self = .separableConvolution(depthwise: depthwise, pointwise: pointwise)
      default: break
      }
    }
  }
}
