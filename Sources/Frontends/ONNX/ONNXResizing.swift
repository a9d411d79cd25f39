import Diagnostics
import Model

/// Nearest-neighbour resizing by whatever rule the node names: elements picked along the spatial axes.
func convertResize(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  let x = try call.data(0)
  let mode = try call.text("mode", default: "nearest")
  guard mode == "nearest" else { throw call.problem("the mode \(mode) is not supported; nearest is") }
  let isUpsample = call.node.operation == "Upsample"
  let isOld = isUpsample || call.opset < 11
  let coordinates =
    isOld ? "asymmetric" : try call.text("coordinate_transformation_mode", default: "half_pixel")
  let nearest = isOld ? "floor" : try call.text("nearest_mode", default: "round_prefer_floor")
  let rank = x.shape.count
  let axes =
    try call.integers("axes").map { (axes) throws(Failure) in
      try axes.map { (axis) throws(Failure) in try call.axis(axis, rank: rank) }
    }
    ?? Array(0..<rank)
  var lengths = x.shape
  var scales = [Double](repeating: 1, count: rank)
  let scalesInput = isUpsample || call.opset < 11 ? 1 : 2
  if !isOld, let sizes = try call.constant(ifAny: 3, "the sizes")?.integers, !sizes.isEmpty {
    guard sizes.count == axes.count else {
      throw call.problem("has \(sizes.count) sizes for \(axes.count) axes")
    }
    for (axis, size) in zip(axes, sizes) {
      lengths[axis] = size
      scales[axis] = Double(size) / Double(x.shape[axis])
    }
  } else {
    var given: [Double]
    if case .reals(let values)? = call.attribute("scales") {
      given = values
    } else {
      given = try call.constant(scalesInput, "the scales").values
    }
    guard given.count == axes.count else {
      throw call.problem("has \(given.count) scales for \(axes.count) axes")
    }
    for (axis, scale) in zip(axes, given) {
      scales[axis] = scale
      lengths[axis] = Int(clamping: (Double(x.shape[axis]) * scale).rounded(.down))
    }
  }
  guard lengths.allSatisfy({ (1...ONNXImporter.lengthLimit).contains($0) }) else {
    throw call.problem("resizes to \(lengths.shortened)")
  }
  var stored: [[Int]?] = x.storedShape.map { _ in nil }
  for axis in 0..<rank where lengths[axis] != x.shape[axis] || scales[axis] != 1 {
    guard let place = x.storedAxis(axis) else { throw call.problem("resizes the batch (axis 0)") }
    stored[place] = try (0..<lengths[axis]).map { (index) throws(Failure) in
      try call.nearestPlace(index, x.shape[axis], lengths[axis], scales[axis], coordinates, nearest)
    }
  }
  return [.data(try call.add(.gather(indices: stored), [x], lengths, isMoved: x.isMoved))]
}

extension ONNXCall {
  fileprivate func nearestPlace(
    _ index: Int, _ from: Int, _ to: Int, _ scale: Double, _ coordinates: String, _ nearest: String
  ) throws(Failure) -> Int {
    let place: Double
    switch coordinates {
    case "half_pixel": place = (Double(index) + 0.5) / scale - 0.5
    case "half_pixel_symmetric":
      let adjustment = Double(to) / (scale * Double(from))
      place = Double(from) / 2 * (1 - adjustment) + (Double(index) + 0.5) / scale - 0.5
    case "pytorch_half_pixel": place = to > 1 ? (Double(index) + 0.5) / scale - 0.5 : 0
    case "align_corners": place = to > 1 ? Double(index) * Double(from - 1) / Double(to - 1) : 0
    case "asymmetric": place = Double(index) / scale
    default: throw problem("the coordinate transformation \(coordinates) is not supported")
    }
    let rounded: Double
    switch nearest {
    case "floor": rounded = place.rounded(.down)
    case "ceil": rounded = place.rounded(.up)
    case "round_prefer_floor": rounded = (place - 0.5).rounded(.up)
    case "round_prefer_ceil": rounded = (place + 0.5).rounded(.down)
    default: throw problem("the nearest mode \(nearest) is not supported")
    }
    return Swift.min(Swift.max(Int(clamping: rounded), 0), from - 1)
  }
}

/// [C, H, W] → [C / b², H · b, W · b].
func convertDepthToSpace(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  let x = call.plain(try call.data(0))
  let block = try call.integer("blocksize", default: 1)
  guard x.hasBatch, x.shape.count == 4, (1...4096).contains(block), x.shape[1] % (block * block) == 0 else {
    throw call.problem("needs channels that blocks of \(block) × \(block) divide")
  }
  let (n, c, h, w) = (x.shape[0], x.shape[1] / (block * block), x.shape[2], x.shape[3])
  let isColumns = try call.text("mode", default: "DCR") == "DCR"
  let split = try call.reshape(
    x, isColumns ? [n, block, block, c, h, w] : [n, c, block, block, h, w], suffix: "blocks")
  let sorted = try call.transpose(
    split, isColumns ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3], suffix: "sorted")
  return [.data(try call.reshape(sorted, [n, c, h * block, w * block]))]
}

/// [C, H, W] → [C · b², H / b, W / b].
func convertSpaceToDepth(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  let x = call.plain(try call.data(0))
  let block = try call.integer("blocksize", default: 1)
  guard x.hasBatch, x.shape.count == 4, (1...4096).contains(block), x.shape[2] % block == 0,
    x.shape[3] % block == 0
  else { throw call.problem("needs an image that blocks of \(block) × \(block) divide") }
  let (n, c, h, w) = (x.shape[0], x.shape[1], x.shape[2] / block, x.shape[3] / block)
  let split = try call.reshape(x, [n, c, h, block, w, block], suffix: "blocks")
  let sorted = try call.transpose(split, [0, 3, 5, 1, 2, 4], suffix: "sorted")
  return [.data(try call.reshape(sorted, [n, c * block * block, h, w]))]
}
