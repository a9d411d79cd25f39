import Diagnostics
import Model

/// Translates a call and gives the names of its results; nil for one that no model has (the places of maxima).
typealias TorchConverter = @Sendable (TorchCall) throws(Failure) -> [String?]

/// The translation of a target; nil where it is not read. A function that ends in an underscore is the plain one, in place.
func torchConverter(_ target: String) -> TorchConverter? {
  guard target.hasPrefix("aten."), target.split(separator: ".").last != "out" else {
    return torchOthers[target]
  }
  let name = TorchCall.functionName(target)
  return torchFunctions[name] ?? (name.hasSuffix("_") ? torchFunctions[String(name.dropLast())] : nil)
}

/// ATen's functions that are read, whatever their overload.
let torchFunctions: [String: TorchConverter] =
  [commonFunctions, torchGraphFunctions, torchRecurrentFunctions].reduce(into: [:]) { $0.merge($1) { $1 } }

private let commonFunctions: [String: TorchConverter] = [
  // Matrices, TorchMatrices.swift.
  "linear": convertLinear, "addmm": convertAddMM, "mm": convertProduct, "bmm": convertProduct,
  "matmul": convertProduct,
  "baddbmm": convertAddMM, "conv1d": convertConvolution, "conv2d": convertConvolution,
  "convolution": convertConvolution, "conv_transpose1d": convertConvolution,
  "conv_transpose2d": convertConvolution,
  "batch_norm": convertNormalization, "_native_batch_norm_legit_no_training": convertNormalization,
  "_batch_norm_no_update": convertNormalization, "native_batch_norm": convertNormalization,
  "_native_batch_norm_legit": convertOwnNormalization, "cosine_similarity": convertCosine,
  "embedding": convertEmbedding, "layer_norm": convertLayerNormalization,
  "native_layer_norm": convertLayerNormalization, "rms_norm": convertRootMeanSquare,
  "_fused_rms_norm": convertRootMeanSquare, "_weight_norm": convertWeightNorm,
  "_weight_norm_interface": convertWeightNorm, "scaled_dot_product_attention": convertAttention,
  // Windows and reductions, TorchWindows.swift.
  "max_pool1d": convertPooling, "max_pool2d": convertPooling, "max_pool1d_with_indices": convertPooling,
  "max_pool2d_with_indices": convertPooling, "avg_pool1d": convertPooling, "avg_pool2d": convertPooling,
  "adaptive_avg_pool1d": convertAdaptivePooling, "adaptive_avg_pool2d": convertAdaptivePooling,
  "_adaptive_avg_pool2d": convertAdaptivePooling, "adaptive_max_pool1d": convertAdaptivePooling,
  "adaptive_max_pool2d": convertAdaptivePooling, "mean": convertReduction, "sum": convertReduction,
  "amax": convertReduction, "amin": convertReduction,
  "linalg_vector_norm": convertVectorNorm, "norm": convertVectorNorm, "var": convertMoments,
  "std": convertMoments, "var_mean": convertMoments, "std_mean": convertMoments, "max": convertExtremum,
  "min": convertExtremum,
  "upsample_nearest1d": convertUpsampling, "upsample_nearest2d": convertUpsampling,
  "pixel_shuffle": convertPixelShuffle,
  // Functions, TorchFunctions.swift.
  "relu": plain("Relu"), "sigmoid": plain("Sigmoid"), "tanh": plain("Tanh"), "exp": plain("Exp"),
  "selu": plain("Selu"),
  "silu": plain("Swish"), "mish": plain("Mish"), "hardswish": plain("HardSwish"), "relu6": convertRelu6,
  "hardsigmoid": convertHardSigmoid, "leaky_relu": convertLeakyRelu, "prelu": convertPRelu,
  "_prelu_kernel": convertPRelu,
  "elu": convertElu, "celu": convertElu, "gelu": convertGelu, "softplus": convertSoftplus,
  "hardtanh": convertClamp,
  "clamp": convertClamp, "clamp_min": convertClamp, "clamp_max": convertClamp, "clip": convertClamp,
  "threshold": convertThreshold, "softmax": convertSoftmax, "_softmax": convertSoftmax,
  "log_softmax": convertSoftmax, "_log_softmax": convertSoftmax,
  "where": convertWhere,
  // Element by element, TorchFunctions.swift.
  "add": convertSum, "sub": convertSum, "subtract": convertSum, "rsub": convertSum, "mul": merged("Mul"),
  "multiply": merged("Mul"), "div": convertQuotient, "divide": convertQuotient,
  "true_divide": convertQuotient,
  "maximum": merged("Max"), "minimum": merged("Min"), "neg": plain("Neg"), "abs": plain("Abs"),
  "square": convertSquare,
  "pow": convertPower, "sqrt": plain("Sqrt"), "log": plain("Log"), "log1p": convertLogOfSum,
  "expm1": convertExpLessOne, "cos": plain("Cos"),
  "sin": plain("Sin"), "reciprocal": plain("Reciprocal"), "rsqrt": convertInverseRoot,
  "cumsum": convertCumulativeSum, "glu": convertGLU,
  "mse_loss": convertLoss, "l1_loss": convertLoss,
  // Moves, TorchMoves.swift.
  "flatten": convertFlatten, "view": convertView, "view_copy": convertView, "reshape": convertView,
  "_unsafe_view": convertView,
  "unflatten": convertUnflatten, "permute": convertPermute, "permute_copy": convertPermute,
  "transpose": convertTranspose,
  "swapaxes": convertTranspose, "swapdims": convertTranspose, "t": convertTranspose,
  "numpy_T": convertTranspose,
  "movedim": convertMoveAxes, "squeeze": convertSqueeze, "unsqueeze": convertUnsqueeze,
  "expand": convertExpand, "expand_as": convertExpandAs, "broadcast_tensors": convertBroadcast,
  "roll": convertRoll,
  "cat": convertCat, "concat": convertCat, "concatenate": convertCat, "stack": convertCat,
  "split": convertSplit,
  "split_with_sizes": convertSplit, "chunk": convertSplit, "unbind": convertUnbind, "slice": convertSlice,
  "narrow": convertSlice, "select": convertSelect, "index_select": convertSelect, "index": convertIndex,
  "flip": convertFlip,
  "repeat": convertRepeat, "repeat_interleave": convertInterleave, "tile": convertRepeat, "pad": convertPad,
  "constant_pad_nd": convertPad,
  "reflection_pad1d": convertPad, "reflection_pad2d": convertPad, "replication_pad1d": convertPad,
  "replication_pad2d": convertPad,
  // Left out.
  "clone": same, "contiguous": same, "alias": same, "detach": same, "lift_fresh": same,
  "lift_fresh_copy": same,
  "dropout": convertDropout, "feature_dropout": convertDropout, "alpha_dropout": convertDropout,
  "feature_alpha_dropout": convertDropout, "to": convertCast, "_to_copy": convertCast, "type_as": same,
  "sym_size": convertLength, "full": convertFull, "zeros": convertFull, "ones": convertFull,
  "full_like": convertFull,
  "zeros_like": convertFull, "ones_like": convertFull, "scalar_tensor": convertFull, "arange": convertRange,
  // Checks of the program itself.
  "_assert_tensor_metadata": nothing, "_assert_async": nothing, "_assert_scalar": nothing,
  "sym_constrain_range": nothing,
  "sym_constrain_range_for_size": nothing,
  // What only `where` reads: TorchIdioms.swift knows the functions that are taken apart into these.
  "any": partOfWhere,
  // Masks.
  "gt": merged("Greater"), "ge": merged("GreaterOrEqual"), "le": merged("LessOrEqual"),
  "lt": merged("Less"), "eq": convertEqual, "ne": convertUnequal,
  "__and__": convertBitwise, "__or__": convertBitwise, "bitwise_and": convertBitwise,
  "bitwise_or": convertBitwise, "sign": plain("Sign"),
]

/// Targets outside of ATen: arithmetic of lengths.
private let torchOthers: [String: TorchConverter] = [
  "_operator.mul": lengthArithmetic("Mul"), "_operator.add": lengthArithmetic("Add"),
  "_operator.sub": lengthArithmetic("Sub"), "_operator.floordiv": lengthArithmetic("Div"),
]

/// Functions whose result lies in the memory of their first argument, or may.
let torchViews: Set<String> = [
  "view", "reshape", "flatten", "unflatten", "permute", "transpose", "swapaxes", "swapdims", "t", "numpy_T",
  "movedim",
  "squeeze", "unsqueeze", "expand", "expand_as", "split", "split_with_sizes", "chunk", "unbind", "slice",
  "narrow",
  "select", "detach",
  "alias", "contiguous", "to", "type_as", "dropout", "feature_dropout", "alpha_dropout",
  "feature_alpha_dropout",
  "lift_fresh",
]

/// What to do about functions that are not read.
let torchAdvice: [String: String] = [
  "scatter_add": "sums over edges are products with a matrix of receivers",
  "index_add": "sums over edges are products with a matrix of receivers",
  "conv3d": "convolutions of one and two spatial axes are read",
]

// MARK: Left out

/// The tensor as it is.
@Sendable private func same(_ call: TorchCall) throws(Failure) -> [String?] { [try call.tensor("self")] }

@Sendable private func nothing(_ call: TorchCall) throws(Failure) -> [String?] { [] }

@Sendable private func convertDropout(_ call: TorchCall) throws(Failure) -> [String?] {
  if try call.flag("train"), try call.real("p") != 0 {
    throw call.problem("is in training mode", hint: "export the model in eval mode: model.eval()")
  }
  return [try call.tensor("input")]
}

/// A conversion between types, or to a device, a layout or nothing at all.
@Sendable private func convertCast(_ call: TorchCall) throws(Failure) -> [String?] {
  let x = try call.tensor("self")
  switch call.argument("dtype") {
  case .none: return [x]
  case .type(let type): return [call.emit("Cast", [x], ["to": .integer(type.rawValue)])]
  default: throw call.problem("converts to a type that is not supported")
  }
}

// MARK: Lengths and constants

/// The length of an axis, a number that is no data.
@Sendable private func convertLength(_ call: TorchCall) throws(Failure) -> [String?] {
  let shape = call.emit("Shape", [try call.tensor("self")], suffix: "shape")
  let axis = try call.axis(call.integer("dim"), rank: call.rank("self"))
  return [call.emit("Gather", [shape, call.integers([axis])])]
}

private func lengthArithmetic(_ operation: String) -> TorchConverter {
  { (call) throws(Failure) in
    var operands: [String] = []
    for key in call.node.arguments.keys.sorted() { operands.append(try call.operand(key)) }
    guard operands.count == 2 else { throw call.problem("has \(operands.count) operands") }
    return [call.emit(operation, operands)]
  }
}

/// Numbers from a start to an end, the end left out.
@Sendable private func convertRange(_ call: TorchCall) throws(Failure) -> [String?] {
  let (start, step) = (try call.real("start", default: 0), try call.real("step", default: 1))
  let count = ((try call.real("end") - start) / step).rounded(.up)
  guard count >= 0, count <= Double(ONNXImporter.lengthLimit) else {
    throw call.problem("makes \(count) numbers")
  }
  let isReal = ["start", "end", "step"].contains { if case .real = call.argument($0) { true } else { false } }
  var type = isReal ? ONNXType.float32 : .int64
  if case .type(let given) = call.argument("dtype") { type = given }
  let values = (0..<Int(count)).map { type.rounded(start + Double($0) * step) }
  return [call.translator.constant(ONNXTensor(type, [values.count], values))]
}

/// A tensor of one number.
@Sendable private func convertFull(_ call: TorchCall) throws(Failure) -> [String?] {
  let value: Double
  switch call.function {
  case "zeros", "zeros_like": value = 0
  case "ones", "ones_like": value = 1
  case "scalar_tensor": value = try call.real("s")
  default: value = try call.real("fill_value")
  }
  var type = ONNXType.float32
  if case .type(let given) = call.argument("dtype") { type = given }
  if call.function == "scalar_tensor" { return [call.translator.constant(ONNXTensor(type, [], [value]))] }
  let shape =
    call.function.hasSuffix("_like")
    ? call.emit("Shape", [try call.tensor("self")], suffix: "shape") : try call.lengths("size")
  return [call.emit("ConstantOfShape", [shape], ["value": .tensor(ONNXTensor(type, [1], [value]))])]
}
