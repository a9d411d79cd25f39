import CKernels
import FixedPoint
import Program

// Dense layers from an input's numbers on, run one after the other on a block of events by products of matrices that
// have events as rows: `run_dense`. The ordinary steps stay in the plan, for numbers that are not float32 or do not fit.

/// What a dot product step is if it is a dense layer of narrow weights.
struct DenseLayer: Sendable {
  /// The elements of the buffer that is read, one for each row of the matrix.
  var elements: [Int]
  /// [elements, results]
  var weights: [Int8]
  /// What the sums of products with words start from.
  var starts: [Raw]

  var results: Int { starts.count }

  /// The layer as a matrix from all elements of the buffer.
  func matrix(_ count: Int) -> [Int8] {
    var matrix = [Int8](repeating: 0, count: count * results)
    for (row, element) in elements.enumerated() {
      for result in 0..<results { matrix[element * results + result] = weights[row * results + result] }
    }
    return matrix
  }
}

/// Where a layer's results are in the tiles of x of the next one. A tile's rows are sixteen events; the four sums that
/// share a lane are those of four groups of sixteen results, or, of fewer results, those of two or four sets of events.
private struct Packing {
  /// How many sets of sixteen events share a tile.
  var sets: Int
  /// Whether bytes are as packing leaves them, within sixteen bytes four of each sum, and not four sums to a lane.
  var keepsOrder = false

  /// The input's: an event has a row.
  static let input = Packing(sets: 1)

  init(sets: Int) { self.sets = sets }

  init(results: Int, keepsOrder: Bool) {
    sets = results <= TF_TILE ? TileLayout.sums : results <= 2 * TF_TILE ? TileLayout.sums / 2 : 1
    self.keepsOrder = keepsOrder
  }

  /// How many groups of sixteen results share a tile.
  var groups: Int { TileLayout.sums / sets }

  /// Tiles for all results of the same events.
  func runs(_ results: Int) -> Int { (results + groups * Int(TF_TILE) - 1) / (groups * Int(TF_TILE)) }

  /// The result in a byte of a row of tile `run`, for one of the sets of events; nil for the others' bytes.
  func result(byte: Int, run: Int, set: Int) -> Int? {
    let (lane, packed) = (TileLayout.lane, TileLayout.packed)
    let (column, sum) =
      keepsOrder
      ? (byte / packed * lane + byte % lane, byte % packed / lane) : (byte / lane, byte % lane)
    return sum / groups == set ? (run * groups + sum % groups) * Int(TF_TILE) + column : nil
  }
}

/// Dense layers at the start of a plan.
struct DenseChain {
  /// A layer, as `tf_dense_layer`.
  struct Layer {
    var weights: [UInt8] = []
    var starts: [UInt8] = []
    var units: [tf_dense_unit] = []
    var runs: Int
    var epilogue: tf_epilogue
    var roundsToEven = false
    /// Tiles of x of a unit.
    var sets: Int
    var keepsOrder: Bool
  }

  /// The program's input.
  var input: Int
  /// Where the last layer's results go.
  var out: Int32
  var widths: [Int]
  var layers: [Layer] = []
  /// Tiles of x of every layer.
  var tiles: [Int] = []

  /// Scratch memory, in bytes.
  var scratch: Int { tiles.reduce(0, +) * TileLayout.bytes }

  /// The steps, for people.
  var description: String {
    "\(layers.count) dense layers from float32 numbers, \(widths.map(String.init).joined(separator: "-")), in tiles"
  }
}

extension PlanBuilder {
  /// The first steps as far as they are dense layers, each read by nothing but the next one; nil where there are not at
  /// least two, or their sums could be inexact.
  func denseChain() -> DenseChain? {
    guard options.usesTiles, options.path == .fast, case .dot(let first)? = steps.first,
      let layer = first.layer,
      let slot = program.inputs.firstIndex(where: { id in
        views[id.index].first?.buffer == first.reads[0].buffer
      })
    else { return nil }
    let format = type(program.inputs[slot]).format
    let (low, high) = (format.conversionRange.low, format.conversionRange.high)
    // bfloat16 has eight digits: a word is two of them. A float's sums are exact up to 2^24.
    guard format.rounding == .trn, low >= -(1 << 16), high < 1 << 16,
      layer.furthestSum(max(-low, high)) < 1 << 24
    else { return nil }
    var dots = [first]
    while dots.count < steps.count, case .dot(let next) = steps[dots.count], next.layer != nil,
      canFollow(dots[dots.count - 1].out, next)
    { dots.append(next) }
    guard dots.count > 1, readers(of: first.reads[0].buffer) == 1 else { return nil }
    return chain(dots, from: slot)
  }

  /// Whether a layer reads nothing but the results of the one before, which nothing else does, and reads them as bytes.
  private func canFollow(_ results: [Reference], _ next: DotStep) -> Bool {
    let buffer = results[0].buffer
    let row = buffers[Int(buffer)].row
    return next.reads.map(\.buffer) == [buffer] && readers(of: buffer) == 1 && Int(row.storage) == TF_U8
      && row.shift == 0
  }

  /// How many steps read a buffer, and results that are in it.
  private func readers(of buffer: Int32) -> Int {
    let readers = steps.count { step in
      let written: [Reference] = if case .dot(let dot) = step { dot.out } else { [] }
      return step.references.contains { $0 != written && $0.contains { $0.buffer == buffer } }
    }
    return readers + results.count { id in views[id.index].contains { $0.buffer == buffer } }
  }

  private func chain(_ dots: [DotStep], from slot: Int) -> DenseChain {
    let count = type(program.inputs[slot]).count
    var chain = DenseChain(input: slot, out: dots[dots.count - 1].out[0].buffer, widths: [count])
    var packing = Packing.input
    for (index, dot) in dots.enumerated() {
      guard let layer = dot.layer else { continue }
      let (isFirst, isLast) = (index == 0, index == dots.count - 1)
      let elements = chain.widths[index]
      let runs = isFirst ? (elements + Int(TF_TILE) - 1) / Int(TF_TILE) : packing.runs(elements)
      chain.tiles.append(TileLayout.perBlock / packing.sets * runs)
      let epilogue = dot.kernel.epilogue
      let keepsOrder =
        !isLast && Int(epilogue.finish) == TF_FINISH_SATURATING && epilogue.packs_first != 0
        && epilogue.first.low <= 0
      let next =
        isLast ? Packing(sets: TileLayout.sums) : Packing(results: layer.results, keepsOrder: keepsOrder)
      var written = DenseChain.Layer(
        runs: runs, epilogue: epilogue, sets: max(1, next.sets / packing.sets), keepsOrder: keepsOrder)
      written.units = units(layer, x: packing, runs: runs, out: next, isLast: isLast)
      let matrix = layer.matrix(elements)
      // Floats are made with the fraction that the first stage rounds away.
      let stage = dot.kernel.epilogue.first
      let step = Float(sign: .plus, exponent: -Int(stage.shift), significand: 1)
      if isFirst {
        written.roundsToEven = stage.rounds_to_even != 0
        (written.epilogue.first.shift, written.epilogue.first.rounds_to_even) = (0, 0)
      }
      func start(_ column: Int) -> UInt32 {
        if isFirst {
          // Without the half step that integers need to round to even.
          let half: Raw = stage.rounds_to_even != 0 ? 1 << Raw(stage.shift - 1) : 0
          return (Float(layer.starts[column] - half) * step).bitPattern
        }
        // Bytes are stored less an offset.
        let offset = Raw(buffers[Int(dot.reads[0].buffer)].row.offset)
        let weights = stride(from: column, to: matrix.count, by: layer.results).map { Raw(matrix[$0]) }
        return UInt32(truncatingIfNeeded: layer.starts[column] + weights.reduce(0, +) * offset)
      }
      // A unit's four groups of results may be more than there are.
      for group in 0..<next.runs(layer.results) * next.groups {
        let end = min(layer.results, (group + 1) * Int(TF_TILE))
        let columns = min(end, group * Int(TF_TILE))..<end
        for set in 0..<packing.sets {
          for run in 0..<runs {
            written.weights +=
              isFirst
              ? Self.floatTile(matrix, layer.results, columns, run, step)
              : Self.byteTile(matrix, layer.results, columns) {
                packing.result(byte: $0, run: run, set: set)
              }
          }
        }
        written.starts += Self.startRow(columns.map(start))
      }
      chain.layers.append(written)
      chain.widths.append(layer.results)
      packing = next
    }
    return chain
  }

  private func units(_ layer: DenseLayer, x: Packing, runs: Int, out: Packing, isLast: Bool)
    -> [tf_dense_unit]
  {
    let groups = (layer.results + Int(TF_TILE) - 1) / Int(TF_TILE)
    let perTile = out.groups
    var units: [tf_dense_unit] = []
    // Events inside, as there are more weights than x.
    for first in stride(from: 0, to: groups, by: perTile) {
      for start in stride(from: 0, to: TileLayout.perBlock, by: out.sets) {
        var unit = tf_dense_unit()
        let sums = (0..<TileLayout.sums).map { (set: start + $0 / perTile, group: first + $0 % perTile) }
        func four(_ value: ((set: Int, group: Int)) -> Int) -> (UInt32, UInt32, UInt32, UInt32) {
          let values = sums.map { UInt32(value($0)) }
          return (values[0], values[1], values[2], values[3])
        }
        unit.x = four { $0.set / x.sets * runs }
        unit.weights = four { ($0.group * x.sets + $0.set % x.sets) * runs }
        unit.starts = four { $0.group }
        unit.out = UInt32(
          isLast ? first * Int(TF_TILE) : start / out.sets * out.runs(layer.results) + first / perTile)
        unit.results = UInt32(min(Int(TF_TILE), layer.results - first * Int(TF_TILE)))
        units.append(unit)
      }
    }
    var needed = UInt32(TileLayout.perBlock / x.sets)
    for index in units.indices.reversed() {
      units[index].free_sets = needed
      needed = min(needed, units[index].x.0 / UInt32(runs))
    }
    return units
  }

  /// Where a lane of a tile begins.
  private static func place(_ row: Int, _ lane: Int) -> Int {
    row * TileLayout.rowBytes + lane * TileLayout.lane
  }

  /// Weights by rows of four bytes of x for sixteen results.
  private static func byteTile(
    _ matrix: [Int8], _ results: Int, _ columns: Range<Int>, _ element: (_ byte: Int) -> Int?
  ) -> [UInt8] {
    var tile = [UInt8](repeating: 0, count: TileLayout.bytes)
    for byte in 0..<TileLayout.rowBytes {
      guard let element = element(byte), element * results < matrix.count else { continue }
      for column in columns {
        tile[place(byte / TileLayout.lane, column - columns.lowerBound) + byte % TileLayout.lane] =
          UInt8(bitPattern: matrix[element * results + column])
      }
    }
    return tile
  }

  /// Weights by rows of a number, which is two bfloat16s, for sixteen results.
  private static func floatTile(
    _ matrix: [Int8], _ results: Int, _ columns: Range<Int>, _ run: Int, _ step: Float
  ) -> [UInt8] {
    var tile = [UInt8](repeating: 0, count: TileLayout.bytes)
    for row in 0..<Int(TF_TILE) {
      let element = run * Int(TF_TILE) + row
      if element * results >= matrix.count { break }
      for column in columns {
        let bits = (Float(matrix[element * results + column]) * step).bitPattern
        for byte in 0..<TileLayout.lane {
          tile[place(row, column - columns.lowerBound) + byte] =
            UInt8(truncatingIfNeeded: bits >> UInt32(16 + 8 * (byte % 2)))
        }
      }
    }
    return tile
  }

  /// The starts of sixteen results.
  private static func startRow(_ starts: [UInt32]) -> [UInt8] {
    (starts + Array(repeating: 0, count: Int(TF_TILE) - starts.count)).flatMap { start in
      (0..<TileLayout.lane).map { UInt8(truncatingIfNeeded: start >> UInt32(8 * $0)) }
    }
  }
}

extension DenseLayer {
  /// How far from zero any partial sum can be, for words up to `most` from zero.
  fileprivate func furthestSum(_ most: Raw) -> Raw {
    (0..<results).map { result in
      stride(from: result, to: weights.count, by: results).reduce(abs(starts[result])) {
        $0 + abs(Raw(weights[$1])) * most
      }
    }.max() ?? 0
  }
}
