/// Rows of a table: the input's numbers, toward zero, say which. The result has the rows' axis behind the input's.
public struct Embedding: Sendable {
  /// [rows, columns].
  public var rows: Weights

  /// Makes an embedding.
  public init(rows: Weights) { self.rows = rows }
}
