import Diagnostics

/// The problems found in a model so far: all are reported at once.
struct Problems {
  private(set) var found: [Diagnostic] = []

  mutating func add(_ problem: Diagnostic) { found.append(problem) }

  mutating func add(_ failure: Failure) { found += failure.diagnostics }

  /// Takes problems out that only follow from others.
  mutating func remove(_ followOns: Set<Diagnostic>) { found.removeAll { followOns.contains($0) } }

  /// Throws if there are problems: each once, by file, then place (numbers by value), then message.
  func check() throws(Failure) {
    guard !found.isEmpty else { return }
    var seen: Set<Diagnostic> = []
    let distinct = found.filter { seen.insert($0).inserted }
    throw Failure(
      .badInput,
      distinct.sorted {
        let (a, b) = (($0.file ?? "", $0.place ?? ""), ($1.file ?? "", $1.place ?? ""))
        if a.0 != b.0 { return a.0 < b.0 }
        if a.1 != b.1 { return precedes(a.1, b.1) }
        return $0.message < $1.message
      })
  }
}

/// Whether one place comes before another: runs of digits are compared as numbers, so that `layers[2]`
/// comes before `layers[10]`.
private func precedes(_ a: String, _ b: String) -> Bool {
  var (a, b) = (a.utf8[...], b.utf8[...])
  while let x = a.first, let y = b.first {
    if isDigit(x), isDigit(y) {
      let (m, n) = (a.prefix(while: isDigit), b.prefix(while: isDigit))
      if m.count != n.count { return m.count < n.count }
      if !m.elementsEqual(n) { return m.lexicographicallyPrecedes(n) }
      (a, b) = (a[m.endIndex...], b[n.endIndex...])
    } else {
      if x != y { return x < y }
      (a, b) = (a.dropFirst(), b.dropFirst())
    }
  }
  return a.isEmpty && !b.isEmpty
}

private func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

extension Failure {
  /// A failure of one problem in the user's file.
  init(_ problem: Diagnostic) { self.init(.badInput, [problem]) }
}
