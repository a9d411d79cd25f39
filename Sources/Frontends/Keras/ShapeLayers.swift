import Diagnostics
import Model
import Storage

func parseFlatten(_ call: inout LayerCall) throws(Failure) -> LayerKind {
  // Keras flattens channels-first data as if it were channels last.
  let input = try call.single()
  if input.shape.count > 1, try call.channelsFirst() {
    call.inputs = [call.builder.model.moved(input)]
    try call.setOutput([input.shape.reduce(1, *)])
  } else {
    try call.setOutput([try call.plainInput().reduce(1, *)])
  }
  return .reshape
}

func parseReshape(_ call: inout LayerCall) throws(Failure) -> LayerKind {
  let count = try call.plainInput().reduce(1, *)
  let node = try call.config.required("target_shape")
  guard let elements = node.elements else { throw Failure(node.diagnostic("the target shape is not a list")) }
  var shape: [Int] = []
  var known = 1
  var open: Int?
  for element in elements {
    if element.integer == -1 || element.isNull {
      guard open == nil else {
        throw Failure(node.diagnostic("more than one axis of the target shape is open"))
      }
      open = shape.count
      shape.append(1)
    } else {
      let length = try element.whole(atLeast: 1)
      shape.append(length)
      let (product, overflow) = known.multipliedReportingOverflow(by: length)
      known = overflow ? .max : product
    }
  }
  if let open, count % known == 0 { shape[open] = count / known }
  guard shape.count > 0, open == nil ? known == count : count % known == 0 else {
    throw Failure(
      node.diagnostic("\(call.inputs[0].shape) has \(count) elements: they cannot take this shape"))
  }
  try call.setOutput(shape)
  return .reshape
}

func parsePermute(_ call: inout LayerCall) throws(Failure) -> LayerKind {
  let shape = try call.plainInput()
  let node = try call.config.required("dims")
  let order = (node.elements ?? []).compactMap { $0.integer.map { $0 &- 1 } }
  guard order.sorted() == Array(shape.indices) else {
    throw Failure(node.diagnostic("dims must be an order of the axes 1 to \(shape.count)"))
  }
  try call.setOutput(order.map { shape[$0] })
  return .permute(order: order)
}

func parseRepeatVector(_ call: inout LayerCall) throws(Failure) -> LayerKind {
  let shape = try call.plainInput(rank: 1)
  let count = try call.config.positive("n")
  try call.setOutput([count] + shape)
  return .repeatVector(count: count)
}

func parseZeroPadding(_ call: inout LayerCall, _ rank: Int) throws(Failure) -> LayerKind {
  let (shape, isMoved) = try call.spatialInput(rank: rank)
  let spans = try spans("padding", rank, call)
  let lengths = zip(shape, spans).map { $0 + $1.before + $1.after }
  try call.setOutput(lengths + [shape[rank]], isMoved: isMoved)
  return .zeroPadding(spans)
}

func parseCropping(_ call: inout LayerCall, _ rank: Int) throws(Failure) -> LayerKind {
  let (shape, isMoved) = try call.spatialInput(rank: rank)
  let spans = try spans("cropping", rank, call)
  let lengths = zip(shape, spans).map { max(0, $0 - $1.before - $1.after) }
  try call.setOutput(lengths + [shape[rank]], isMoved: isMoved)
  return .cropping(spans)
}

/// Counts before and after each spatial axis: one number for all, one per axis, or a pair per axis. (In one
/// dimension a pair is before and after.)
private func spans(_ key: String, _ rank: Int, _ call: LayerCall) throws(Failure) -> [Span] {
  let node = try call.config.required(key)
  func span(_ node: JSONNode) throws(Failure) -> Span {
    guard let pair = node.elements else {
      let both = try node.whole(atLeast: 0)
      return Span(before: both, after: both)
    }
    guard pair.count == 2 else {
      throw Failure(node.diagnostic("\(key) has \(pair.count) numbers; two are needed"))
    }
    return Span(before: try pair[0].whole(atLeast: 0), after: try pair[1].whole(atLeast: 0))
  }
  guard rank == 2, let elements = node.elements else {
    let all = try span(node)
    return [Span](repeating: all, count: rank)
  }
  guard elements.count == rank else {
    throw Failure(node.diagnostic("\(key) has \(elements.count) parts; \(rank) are needed"))
  }
  return try elements.map { element throws(Failure) in try span(element) }
}

func parseUpSampling(_ call: inout LayerCall, _ rank: Int) throws(Failure) -> LayerKind {
  let (shape, isMoved) = try call.spatialInput(rank: rank)
  let factors = try call.config.perAxis("size", rank)
  _ = try call.config.choice("interpolation", ["nearest"], default: "nearest")
  try call.setOutput(zip(shape, factors).map { $0 * $1 } + [shape[rank]], isMoved: isMoved)
  return .upsampling(factors: factors)
}

func parseResizing(_ call: inout LayerCall) throws(Failure) -> LayerKind {
  let (shape, isMoved) = try call.spatialInput(rank: 2)
  _ = try call.config.choice("interpolation", ["nearest"], default: "bilinear")
  for key in ["crop_to_aspect_ratio", "pad_to_aspect_ratio"]
  where try call.config.boolean(key, default: false) {
    throw call.problem("Resizing \"\(call.layer.name)\" with \(key) is not supported")
  }
  let lengths = [try call.config.positive("height"), try call.config.positive("width")]
  try call.setOutput(lengths + [shape[2]], isMoved: isMoved)
  return .resizing
}
