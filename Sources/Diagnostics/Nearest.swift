/// The candidate most like a misspelt name, for "did you mean" hints; nil if none is close.
///
/// Letter case and underscores are ignored. Close means that at most a third of the letters (and at least two)
/// would have to change: the Damerau–Levenshtein distance, where swapping two neighbours counts once. Among equals the
/// first in alphabetical order wins, so that messages do not depend on the order of a dictionary.
public func nearest(to name: String, in candidates: some Sequence<String>) -> String? {
  let wanted = folded(name)
  let limit = max(2, wanted.count / 3)
  var best: (distance: Int, candidate: String)?
  for candidate in candidates.sorted() where candidate != name {
    let distance = editDistance(wanted, folded(candidate))
    if distance <= limit, distance < best?.distance ?? .max { best = (distance, candidate) }
  }
  return best?.candidate
}

/// At most 64 letters count: a longer name comes from a hostile file, and the distance is quadratic.
private func folded(_ name: String) -> [Character] {
  Array(name.prefix(64).lowercased().filter { $0 != "_" })
}

/// The number of insertions, deletions, replacements and swaps of neighbours that turn one text into the other.
func editDistance(_ a: [Character], _ b: [Character]) -> Int {
  var beforeLast: [Int] = []
  var last = Array(0...b.count)
  for i in 1..<(a.count + 1) {
    var row = [i]
    for j in 1..<(b.count + 1) {
      var cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
      if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { cost = min(cost, beforeLast[j - 2] + 1) }
      row.append(cost)
    }
    beforeLast = last
    last = row
  }
  return last[b.count]
}
