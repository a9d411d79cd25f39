/// The candidate most like a misspelt name, for "did you mean" hints; nil if none is close.
///
/// Letter case and underscores are ignored. Close means that at most a third of the letters (and at least two)
/// would have to change: the Damerau–Levenshtein distance, where swapping two neighbours counts once. Among equals the
/// first in alphabetical order wins, so that messages do not depend on the order of a dictionary.
///
/// - Parameter withinReach: false: some candidate is found however far it is, if there is one. Then the longest run of
///   letters in common counts before the distance, so that "FPGAPart" is told of "Part".
public func nearest(
  to name: String, in candidates: some Sequence<String>, withinReach: Bool = true
) -> String? {
  let wanted = folded(name)
  let limit = withinReach ? max(2, wanted.count / 3) : .max
  var best: (rank: (Int, Int), candidate: String)?
  for candidate in candidates.sorted() where candidate != name {
    let letters = folded(candidate)
    let distance = editDistance(wanted, letters)
    let rank = (withinReach ? 0 : -longestCommonRun(wanted, letters), distance)
    if distance <= limit, best.map({ rank < $0.rank }) ?? true { best = (rank, candidate) }
  }
  return best?.candidate
}

/// The length of the longest run of letters two texts have in common.
private func longestCommonRun(_ a: [Character], _ b: [Character]) -> Int {
  var longest = 0
  var last = [Int](repeating: 0, count: b.count + 1)
  for letter in a {
    var row = [0]
    for (place, other) in b.enumerated() { row.append(letter == other ? last[place] + 1 : 0) }
    longest = max(longest, row.max() ?? 0)
    last = row
  }
  return longest
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
