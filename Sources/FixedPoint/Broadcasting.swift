/// For every element of a tensor of shape `target`, row major, the place of the element that numpy's broadcasting puts there
/// from a tensor of `shape`, which fits.
public func broadcastPlaces(of shape: [Int], in target: [Int]) -> [Int] {
  if shape == target { return Array(0..<target.reduce(1, *)) }
  let padded = Array(repeating: 1, count: target.count - shape.count) + shape
  var stride = 1
  var steps = [Int](repeating: 0, count: target.count)
  for axis in target.indices.reversed() {
    steps[axis] = padded[axis] == 1 ? 0 : stride
    stride *= padded[axis]
  }
  var map = [0]
  for axis in target.indices {
    map = map.flatMap { base in (0..<target[axis]).map { base + $0 * steps[axis] } }
  }
  return map
}
