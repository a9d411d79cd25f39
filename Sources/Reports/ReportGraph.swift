import Program

/// The layers of a program as boxes and arrows: where each stands, top to bottom in the order of the data.
struct ReportGraph {
  static let (boxWidth, boxHeight, gapX, gapY) = (210.0, 40.0, 24.0, 30.0)

  /// Layers with a result, by index into `program.layers`.
  let layers: [Int]
  /// From, to: positions in `layers`.
  let edges: [(from: Int, to: Int)]
  /// Of each layer: its row, its place in the row.
  let places: [(row: Int, column: Int)]

  init(_ program: Program) {
    let layers = program.layers.indices.filter { program.layers[$0].result != nil }
    let position = Dictionary(uniqueKeysWithValues: layers.enumerated().map { ($1, $0) })
    var edges: Set<SIMD2<Int>> = []
    for instruction in program.instructions {
      guard let to = instruction.layer.flatMap({ position[$0] }) else { continue }
      for operand in instruction.operands {
        if let from = program[operand].layer.flatMap({ position[$0] }), from != to {
          edges.insert(SIMD2(from, to))
        }
      }
    }
    // Sorted, so that pages depend on the design alone; operands come first, so that one sweep finds the rows.
    let sorted = edges.sorted { ($0.y, $0.x) < ($1.y, $1.x) }
    var rows = Array(repeating: 0, count: layers.count)
    for edge in sorted where edge.x < edge.y { rows[edge.y] = max(rows[edge.y], rows[edge.x] + 1) }
    var used: [Int: Int] = [:]
    self.layers = layers
    self.edges = sorted.map { ($0.x, $0.y) }
    places = rows.map { row in
      defer { used[row, default: 0] += 1 }
      return (row, used[row] ?? 0)
    }
  }

  private var columns: Int { (places.map(\.column).max() ?? 0) + 1 }

  var width: Double { Double(columns) * (Self.boxWidth + Self.gapX) + Self.gapX }
  var height: Double {
    Double((places.map(\.row).max() ?? 0) + 1) * (Self.boxHeight + Self.gapY) + Self.gapY
  }

  /// The upper left corner of a layer's box.
  func corner(_ layer: Int) -> (x: Double, y: Double) {
    let place = places[layer]
    let inRow = places.filter { $0.row == place.row }.count
    let indent = Double(columns - inRow) * (Self.boxWidth + Self.gapX) / 2
    return (
      Self.gapX + indent + Double(place.column) * (Self.boxWidth + Self.gapX),
      Self.gapY / 2 + Double(place.row) * (Self.boxHeight + Self.gapY)
    )
  }
}
