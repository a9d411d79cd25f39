/// Which columns of a file become a model's inputs, labels and weights: the mapping of docs/rates.md, which Python reads too.
public struct EventMapping: Hashable, Sendable {
  /// A column: value · scale + offset is what it gives.
  public struct Branch: Hashable, Sendable {
    /// The array's name, or a column's number.
    public var name: String
    /// The factor.
    public var scale = 1.0
    /// What is added afterwards.
    public var offset = 0.0

    /// Names a column that is taken as it is.
    public init(_ name: String) { self.name = name }
  }

  /// A model's input: its branches beside each other.
  public struct Input: Hashable, Sendable {
    /// The columns, in order.
    public var branches: [Branch]
    /// How many numbers of each branch are taken, where a branch has several per event; nil: all.
    public var objects: Int?
    /// What stands for those that are not there.
    public var pad = 0.0
    /// Whether the branches' axis is before that of the objects.
    public var branchesFirst = false
    /// Whether both are one axis.
    public var isFlat = false

    /// Puts columns beside each other.
    public init(_ branches: [Branch]) { self.branches = branches }
  }

  /// The file, for messages.
  public var file: String
  /// The group of an HDF5 file.
  public var tree: String?
  /// In the model's order.
  public var inputs: [Input] = []
  /// One number per event each.
  public var labels, weights, reference: Branch?

  /// An empty mapping.
  public init(file: String) { self.file = file }
}
