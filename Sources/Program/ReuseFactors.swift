/// Which reuse factors a matrix of `inputs` × `outputs` multipliers allows.
///
/// A reuse factor f gives ⌈inputs · outputs / f⌉ multipliers, each used f times. As hls4ml, the resource
/// strategy needs f to divide the products evenly, and each multiplier to feed either one column at a time
/// (f ≤ inputs dividing into whole outputs) or whole columns (f a multiple of inputs).
public struct ReuseFactors: Sendable {
  /// Length of a column: products per output.
  public var inputs: Int
  /// Number of columns.
  public var outputs: Int

  /// The legal factors of a matrix.
  public init(inputs: Int, outputs: Int) {
    self.inputs = inputs
    self.outputs = outputs
  }

  /// Whether `factor` is legal.
  public func isLegal(_ factor: Int) -> Bool {
    let products = inputs * outputs
    guard factor >= 1, factor <= products, products % factor == 0 else { return false }
    let multipliers = (products + min(inputs, factor) - 1) / min(inputs, factor)
    return (multipliers % outputs == 0 || factor >= inputs) && (factor % inputs == 0 || factor < inputs)
  }

  /// Why `factor` is not legal, for people; nil where it is.
  public func objection(to factor: Int) -> String? {
    let products = inputs * outputs
    if isLegal(factor) { return nil }
    if factor < 1 { return "a reuse factor is at least 1" }
    if factor > products { return "there are only \(products) products to share a multiplier between" }
    if products % factor != 0 { return "\(factor) does not divide the \(products) products" }
    if factor > inputs { return "above \(inputs) inputs it must be a multiple of \(inputs)" }
    return "with \(factor) uses per multiplier the multipliers do not divide among the \(outputs) outputs"
  }

  /// All legal factors, ascending.
  public var all: [Int] {
    let products = inputs * outputs
    var divisors: Set<Int> = []
    var divisor = 1
    while divisor * divisor <= products {
      if products % divisor == 0 { divisors.formUnion([divisor, products / divisor]) }
      divisor += 1
    }
    return divisors.filter(isLegal).sorted()
  }

  /// The legal factor nearest to `factor`; of two as near, the smaller (as hls4ml picks).
  public func nearest(to factor: Int) -> Int {
    all.min { (abs($0 - factor), $0) < (abs($1 - factor), $1) } ?? 1
  }
}
