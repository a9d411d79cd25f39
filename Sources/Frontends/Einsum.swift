/// An equation of numpy's `einsum` for two operands: which axes of both meet, and in which order the result's stand.
///
/// Every axis has a label. Axes of one label have one length; labels that the result lacks are summed over.
struct Einsum: Hashable {
  /// The labels of the first operand's axes, without the batch.
  var x: [Character]
  /// The labels of the second operand's axes, without the batch if it has one.
  var y: [Character]
  /// The labels of the result's axes, without the batch.
  var result: [Character]

  /// Reads an equation such as `abc,cd->abd`, whose first axis is the batch, which an ellipsis may hold too.
  ///
  /// - Parameters:
  ///   - ranks: how many axes the operands have, batch included where they have one.
  ///   - bothHaveBatch: whether the second operand has a batch as well.
  /// - Returns: nil for an equation that is none, that does not fit the ranks, that takes a diagonal, or that does not leave
  ///   the batch alone.
  init?(_ equation: String, ranks: (Int, Int), bothHaveBatch: Bool) {
    let sides = equation.filter { $0 != " " }.split(separator: "->", omittingEmptySubsequences: false)
    guard sides.count == 2 else { return nil }
    let operands = sides[0].split(separator: ",", omittingEmptySubsequences: false)
    guard operands.count == 2 else { return nil }
    let explicit = operands.map { $0.filter { $0 != "." }.count }
    let hidden = zip(operands, zip([ranks.0, ranks.1], explicit)).compactMap {
      $0.contains("...") ? $1.0 - $1.1 : nil
    }
    let elided = hidden.max() ?? 0
    guard elided >= 0, elided <= 8, Set(hidden).count <= 1 else { return nil }
    // Digits stand for the axes of an ellipsis.
    let places = (0..<elided).map { Character("\($0)") }
    func labels(_ text: Substring) -> [Character]? {
      let parts = text.components(around: "...")
      guard let parts else { return text.allSatisfy(\.isLetter) ? Array(text) : nil }
      guard (parts.0 + parts.1).allSatisfy(\.isLetter) else { return nil }
      return Array(parts.0) + places + Array(parts.1)
    }
    guard let x = labels(operands[0]), let y = labels(operands[1]), let result = labels(sides[1]),
      x.count == ranks.0, y.count == ranks.1, let batch = x.first, result.first == batch,
      [x, y, result].allSatisfy({ Set($0).count == $0.count }),
      result.allSatisfy({ x.contains($0) || y.contains($0) }),
      bothHaveBatch ? y.first == batch : !y.contains(batch)
    else { return nil }
    self.x = Array(x.dropFirst())
    self.y = bothHaveBatch ? Array(y.dropFirst()) : y
    self.result = Array(result.dropFirst())
  }

  /// The length of every label; nil where two axes of a label differ.
  func lengths(_ x: [Int], _ y: [Int]) -> [Character: Int]? {
    var lengths: [Character: Int] = [:]
    for (label, length) in Array(zip(self.x, x)) + Array(zip(self.y, y)) {
      if lengths[label, default: length] != length { return nil }
      lengths[label] = length
    }
    return lengths
  }

  /// In the first operand, the second and the result.
  var shared: [Character] { x.filter { y.contains($0) && result.contains($0) } }
  /// In both operands and summed over.
  var contracted: [Character] { x.filter { y.contains($0) && !result.contains($0) } }
  /// In the first operand alone, and in the result.
  var ofX: [Character] { x.filter { !y.contains($0) && result.contains($0) } }
  /// In the second operand alone, and in the result.
  var ofY: [Character] { y.filter { !x.contains($0) && result.contains($0) } }
  /// In the first operand alone and summed over.
  var summedOfX: [Character] { x.filter { !y.contains($0) && !result.contains($0) } }
  /// In the second operand alone and summed over.
  var summedOfY: [Character] { y.filter { !x.contains($0) && !result.contains($0) } }
}

extension Substring {
  /// What is before and after the only occurrence of a text; nil where it does not occur.
  fileprivate func components(around text: String) -> (Substring, Substring)? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(text) {
        return (self[..<start], self[self.index(start, offsetBy: text.count)...])
      }
      start = index(after: start)
    }
    return nil
  }
}

/// The order that brings axes from one order of labels to another.
func order(of labels: [Character], in given: [Character]) -> [Int] {
  labels.compactMap { given.firstIndex(of: $0) }
}
