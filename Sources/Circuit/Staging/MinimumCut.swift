/// Minimum cuts of directed graphs by maximum flow: Dinic, "Algorithm for solution of a problem of maximum flow in networks
/// with power estimation", 1970.
struct MinimumCut {
  /// More than any cut of finite edges: an edge that must not be cut.
  static let unlimited = Int.max / 4

  private var heads: [Int32]
  private var targets: [Int32] = []
  private var next: [Int32] = []
  /// What is left of an edge; the reverse edge follows at the odd place.
  private var capacities: [Int] = []
  private var levels: [Int32] = []
  private var current: [Int32] = []

  let source = 0
  let sink = 1

  /// A graph with source, sink and `count` further nodes, numbered from 2.
  init(_ count: Int) { heads = Array(repeating: -1, count: count + 2) }

  /// An edge that costs `capacity` where its start is on the source's side and its end on the sink's.
  mutating func add(_ from: Int, _ to: Int, _ capacity: Int) {
    for (start, end, value) in [(from, to, capacity), (to, from, 0)] {
      targets.append(Int32(end))
      capacities.append(value)
      next.append(heads[start])
      heads[start] = Int32(targets.count - 1)
    }
  }

  /// The nodes on the source's side of a minimum cut: of all minimum cuts the one with the fewest.
  mutating func sourceSide() -> [Bool] {
    while findLevels() {
      current = heads
      while push() > 0 {}
    }
    return levels.map { $0 >= 0 }
  }

  /// Distances from the source over edges with something left; whether they reach the sink.
  private mutating func findLevels() -> Bool {
    levels = Array(repeating: -1, count: heads.count)
    levels[source] = 0
    var queue = [source]
    var first = 0
    while first < queue.count {
      let node = queue[first]
      first += 1
      var edge = heads[node]
      while edge >= 0 {
        let end = Int(targets[Int(edge)])
        if capacities[Int(edge)] > 0, levels[end] < 0 {
          levels[end] = levels[node] + 1
          queue.append(end)
        }
        edge = next[Int(edge)]
      }
    }
    return levels[sink] >= 0
  }

  /// Sends flow along one path to the sink; how much.
  private mutating func push() -> Int {
    var path: [Int32] = []
    var node = source
    while true {
      if node == sink {
        let amount = path.reduce(Self.unlimited) { min($0, capacities[Int($1)]) }
        for edge in path {
          capacities[Int(edge)] -= amount
          capacities[Int(edge ^ 1)] += amount
        }
        return amount
      }
      var found = false
      while current[node] >= 0 {
        let edge = current[node]
        let end = Int(targets[Int(edge)])
        if capacities[Int(edge)] > 0, levels[end] == levels[node] + 1 {
          path.append(edge)
          node = end
          found = true
          break
        }
        current[node] = next[Int(edge)]
      }
      if found { continue }
      guard let last = path.popLast() else { return 0 }
      // A dead end: go back one edge and past it.
      node = Int(targets[Int(last ^ 1)])
      current[node] = next[Int(last)]
    }
  }
}
