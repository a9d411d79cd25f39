import CKernels

/// Sizes that plans share with the kernels of Sources/CKernels; docs/kernels.md draws what they are of.
enum TileLayout {
  /// Rows of a tile, and lanes in each.
  static let rows = Int(TF_TILE)
  /// Bytes of a lane: of one 32-bit word, two 16-bit ones, or four bytes.
  static let lane = Int(TF_LANE_BYTES)
  /// Bytes of a row.
  static let rowBytes = rows * lane
  /// Bytes of a tile.
  static let bytes = rows * rowBytes
  /// Tiles of sums that are made together, and whose words share lanes when they are packed to bytes.
  static let sums = Int(TF_UNIT_SUMS)
  /// Tiles of sixteen events in a block of events.
  static let perBlock = Int(TF_BLOCK / TF_TILE)
  /// Bytes within which the instructions that pack words work.
  static let packed = 16
}
