import Foundation

/// One axis of a plot: values to pixels, logarithmically, and the lines to draw across it.
struct Axis {
  /// Values at the axis's ends.
  let low, high: Double
  /// Pixels at the axis's ends; downward axes have the larger one first.
  let start, end: Double

  /// An axis that holds all values with some room; what is not above zero stands at the lower end.
  init(_ values: [Double], start: Double, end: Double) {
    let positive = values.filter { $0 > 0 }
    let least = positive.min() ?? 1
    let most = max(positive.max() ?? 10, least * 2)
    low = least / 1.3
    high = most * 1.3
    self.start = start
    self.end = end
  }

  /// Where a value lies, in pixels with one decimal.
  func position(_ value: Double) -> Double {
    let share = log(max(value, low) / low) / log(high / low)
    return ((start + share * (end - start)) * 10).rounded() / 10
  }

  /// Round values to label: 1, 2 and 5 times the powers of ten, or the powers alone where there are many.
  var ticks: [Double] {
    let decades = Int(floor(log10(low)))...Int(ceil(log10(high)))
    let steps: [Double] = decades.count > 4 ? [1] : [1, 2, 5]
    return decades.flatMap { decade in steps.map { $0 * pow(10, Double(decade)) } }
      .filter { (low...high).contains($0) }
  }

  /// A tick's label: 2, 500, 20k, 3M.
  static func label(_ value: Double) -> String {
    for (factor, unit) in [(1e9, "G"), (1e6, "M"), (1e3, "k")] where value >= factor {
      return String(format: "%g", value / factor) + unit
    }
    return String(format: "%g", value)
  }
}
