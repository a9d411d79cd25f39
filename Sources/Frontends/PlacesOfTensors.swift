import Diagnostics
import Model

extension LayerMaker {
  /// The elements of x along an axis at places that have x's other axes, or 1 where x's is longer, as numpy's take_along_axis
  /// broadcasts them.
  func takenAlong(_ x: Tensor, _ places: Tensor, axis: Int, _ suffix: String) throws(Failure) -> Tensor {
    let rank = x.shape.count
    func isShared(_ other: Int) -> Bool { places.shape[other] == 1 && x.shape[other] != 1 }
    func isSpread(_ other: Int) -> Bool { x.shape[other] == 1 && places.shape[other] != 1 }
    guard places.shape.count == rank,
      (0..<rank).allSatisfy({ $0 == axis || places.shape[$0] == x.shape[$0] || isShared($0) || isSpread($0) })
    else {
      throw problem("places of shape \(places.shape) do not fit data of shape \(x.shape)", hint: nil)
    }
    let others = (0..<rank).filter { $0 != axis }
    let channels = others.filter { isShared($0) }
    // Where x is the same, more places of the same rows.
    let spread = (0..<rank).filter { $0 == axis || ($0 != axis && isSpread($0)) }
    let batch = others.filter { !channels.contains($0) && !spread.contains($0) }
    func length(_ axes: [Int], _ shape: [Int]) -> Int { axes.map { shape[$0] }.reduce(1, *) }
    let label = suffix.isEmpty ? "taken" : suffix
    let rows = try arranged(
      x, order: batch + spread + channels,
      shape: [length(batch, x.shape), x.shape[axis], length(channels, x.shape)], "\(label)_rows")
    let index = try arranged(
      places, order: batch + spread + channels,
      shape: [length(batch, x.shape), length(spread, places.shape)], "\(label)_places")
    let value = try added(
      .take, suffix, [rows, index], [rows.shape[0], index.shape[1], rows.shape[2]])
    let order = batch + spread + channels
    let shape = (0..<rank).map { channels.contains($0) ? x.shape[$0] : places.shape[$0] }
    let wide = try arranged(value, shape: order.map { shape[$0] }, label)
    return try arranged(wide, order: (0..<rank).map { order.firstIndex(of: $0) ?? 0 }, "\(label)_axes")
  }

  /// The places of the largest or smallest words along an axis, which has their number as its length.
  func topPlaces(_ x: Tensor, axis: Int, _ count: Int, isLargest: Bool, _ suffix: String) throws(Failure)
    -> Tensor
  {
    let rank = x.shape.count
    let order = (0..<rank).filter { $0 != axis } + [axis]
    guard (1...x.shape[axis]).contains(count) else {
      throw problem("\(count) of \(x.shape[axis]) elements are asked for", hint: nil)
    }
    let label = suffix.isEmpty ? "places" : suffix
    let rows = try arranged(x, order: order, "\(label)_rows")
    let found = try added(
      .topPlaces(TopPlaces(count: count, isLargest: isLargest)), suffix, [rows],
      rows.shape.dropLast() + [count])
    return try arranged(found, order: (0..<rank).map { order.firstIndex(of: $0) ?? 0 }, "\(label)_axes")
  }
}
