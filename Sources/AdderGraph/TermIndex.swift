/// Which sums read which words, and where: a pair's readers are found by one look for each place of the rarer of its words.
struct TermIndex {
  /// A place where a word is read.
  private struct Entry {
    var row: Int32
    var term: Addend
    /// The next entry of the same word, or -1.
    var next: Int32
  }

  private var entries: [Entry] = []
  /// By word: its newest entry, or -1; and how many it has had.
  private var heads: [Int32] = []
  private var counts: [Int32] = []
  /// An open hash table of rows with terms; 0: free, 1: taken out.
  private var keys: [UInt64] = []
  private var mask = 0
  private var used = 0
  /// Looks so far.
  private(set) var work = 0

  /// Forgets everything, and makes room for `terms` places of `words` words.
  mutating func reset(words: Int, terms: Int) {
    entries.removeAll(keepingCapacity: true)
    heads.removeAll(keepingCapacity: true)
    heads += repeatElement(-1, count: words)
    counts.removeAll(keepingCapacity: true)
    counts += repeatElement(0, count: words)
    var size = 256
    while size < 3 * terms { size *= 2 }
    keys.removeAll(keepingCapacity: true)
    keys += repeatElement(0, count: size)
    mask = size - 1
    used = 0
  }

  @inline(__always)
  private func key(_ row: Int32, _ word: Int32, _ shift: Int, _ isNegated: Bool) -> UInt64 {
    UInt64(UInt32(bitPattern: row)) << 33 | UInt64(UInt32(bitPattern: word)) << 8
      | UInt64(truncatingIfNeeded: (shift &+ 1) & 0x7f) << 1 | (isNegated ? 1 : 0)
  }

  @inline(__always)
  private func place(_ key: UInt64) -> Int {
    var place = Int(truncatingIfNeeded: (key &* 0x9e37_79b9_7f4a_7c15) >> 32) & mask
    while keys[place] != 0, keys[place] != key { place = (place &+ 1) & mask }
    return place
  }

  @inline(__always)
  private func has(_ row: Int32, _ word: Int32, _ shift: Int, _ isNegated: Bool) -> Bool {
    shift >= 0 && shift < 126 && keys[place(key(row, word, shift, isNegated))] != 0
  }

  /// A new word, which nothing reads yet.
  mutating func addWord() {
    heads.append(-1)
    counts.append(0)
  }

  /// A sum reads a term.
  mutating func add(_ row: Int, _ term: Addend) {
    let word = term.index
    entries.append(Entry(row: Int32(row), term: term, next: heads[word]))
    heads[word] = Int32(entries.count - 1)
    counts[word] += 1
    let key = key(Int32(row), term.word, term.shiftCount, term.isNegated)
    let place = place(key)
    if keys[place] == 0 { used += 1 }
    keys[place] = key
    if used * 3 > 2 * keys.count { grow() }
  }

  /// A sum does not read a term any more.
  mutating func remove(_ row: Int, _ term: Addend) {
    let place = place(key(Int32(row), term.word, term.shiftCount, term.isNegated))
    if keys[place] != 0 { keys[place] = 1 }
  }

  private mutating func grow() {
    let live = keys.filter { $0 > 1 }
    keys = [UInt64](repeating: 0, count: 2 * keys.count)
    mask = keys.count - 1
    used = live.count
    for key in live { keys[place(key)] = key }
  }

  /// How many places read a word.
  func count(_ word: Int) -> Int { Int(counts[word]) }

  /// Sums that have a pair, each once.
  mutating func readers(of pair: Pair, into found: inout [Int]) {
    found.removeAll(keepingCapacity: true)
    let isFirst = counts[pair.first] <= counts[pair.second]
    let other = Int32(isFirst ? pair.second : pair.first)
    let shift = isFirst ? pair.shift : -pair.shift
    var entry = heads[isFirst ? pair.first : pair.second]
    while entry >= 0 {
      let (row, term, next) = (entries[Int(entry)].row, entries[Int(entry)].term, entries[Int(entry)].next)
      entry = next
      work &+= 1
      // Entries of one sum follow one another.
      if found.last != Int(row),
        has(row, other, term.shiftCount &+ shift, term.isNegated != pair.isDifference),
        has(row, term.word, term.shiftCount, term.isNegated)
      {
        found.append(Int(row))
      }
    }
  }
}
