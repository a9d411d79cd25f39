import Configuration
import FixedPoint
import Model

/// The recurrent kernels of hls4ml (0.7 to 1.3). Where they compile, their releases compute the same words: before 1.2 the functions
/// inside a cell are called with types that then have to be the accumulator's.
extension ProjectBuilder {
  /// A recurrent kernel by its name.
  enum RecurrentKind: Sendable { case lstm, gru, bidirectional }

  /// One direction: its cell and the formats of its tensors, by hls4ml's names.
  private struct Direction {
    var pass: RecurrentPass
    var formats: [String: FixedFormat]
    var products: Products
    var recurrentReuseFactor: Int
    var tableSize: Int
  }

  mutating func recurrent(_ call: KernelCall, _ kind: RecurrentKind) throws(Refusal) {
    let configuration = try configuration(of: call)
    let (steps, features) = (try configuration.integer("n_sequence"), try configuration.integer("n_in"))
    let results = try configuration.integer("n_sequence_out")
    guard results == 1 || results == steps else {
      throw Refusal("\(configuration.made.name): \(results) results of \(steps) steps")
    }
    var inputs = [try operand(call, otherwise: [steps, features])]
    if isStream, inputs[0].shape.last != features {
      throw Refusal("nnet::\(call.kernel) reads packs of \(features), and '\(try call.name(0))' has others")
    }
    if inputs[0].shape != [steps, features] { inputs[0] = try operand(call, shape: [steps, features]) }
    // States to begin with stand between the data and the result, and so do their types.
    let states = kind == .bidirectional ? 0 : call.arguments.count - 6
    guard states == 0 || states == (kind == .lstm ? 2 : 1) else {
      throw Refusal("nnet::\(call.kernel) has \(call.arguments.count) arguments")
    }
    var directions: [Direction] = []
    switch kind {
    case .lstm, .gru:
      directions.append(
        try direction(call, configuration, isLSTM: kind == .lstm, at: states + 2, features, inputs[0]))
    case .bidirectional:
      for (number, name) in ["forward", "backward"].enumerated() {
        guard let inner = configuration.inner("\(name.uppercased())_CONFIG"),
          let cell = configuration.typeName("RNNfunc_\(name)")
        else { throw Refusal("\(configuration.made.name) has no cell that runs \(name)") }
        guard cell.hasPrefix("lstm_class") || cell.hasPrefix("gru_class") else {
          throw Refusal("\(configuration.made.name): the cell \(cell) is not read")
        }
        var made = try direction(
          call, inner, isLSTM: cell.hasPrefix("lstm"), at: 2 + 4 * number, features, inputs[0])
        made.pass.isReversed = number == 1
        directions.append(made)
      }
    }
    for position in 0..<states {
      let state = try operand(call, 1 + position, shape: [directions[0].pass.units])
      guard state.format == (try format(of: call, states + 1)) else {
        throw Refusal("'\(try call.name(1 + position))' has another type than the result")
      }
      inputs.append(state)
    }
    let units = directions.reduce(0) { $0 + $1.pass.units }
    var formats = try merged(directions, configuration)
    formats["result"] = try format(of: call, states + 1)
    let layer = Recurrent(passes: directions.map(\.pass), returnsSequences: results > 1)
    let (first, reuseFactors) = (directions[0], directions.map(\.recurrentReuseFactor))
    guard directions.allSatisfy({ $0.products == first.products && $0.tableSize == first.tableSize }),
      Set(reuseFactors).count == 1
    else { throw Refusal("\(configuration.made.name): directions of two strategies or tables are not read") }
    try add(
      call, to: states + 1, kind == .lstm ? "LSTM" : kind == .gru ? "GRU" : "Bidirectional",
      .recurrent(layer),
      inputs: inputs, shape: results > 1 ? [steps, units] : [units], formats
    ) {
      $0.strategy = first.products.strategy
      $0.reuseFactor = first.products.reuseFactor
      $0.tableSize = first.tableSize
      var written = WrittenKernel()
      written.recurrentReuseFactor = reuseFactors[0]
      $0.written = written
    }
    // The kernel steps in the array it begins with.
    for position in 0..<states { overwritten.insert(try call.name(1 + position)) }
  }

  /// The formats of all directions under the layer's names for them.
  private func merged(_ directions: [Direction], _ configuration: KernelConfiguration) throws(Refusal)
    -> [String: FixedFormat]
  {
    guard directions.count > 1 else { return directions[0].formats }
    var formats: [String: FixedFormat] = [:]
    for (direction, name) in zip(directions, ["forward", "backward"]) {
      for (tensor, format) in direction.formats {
        let isShared = tensor == "accum" || tensor == "table"
        if isShared, let known = formats[tensor], known != format {
          throw Refusal("\(configuration.made.name): directions of two types of \(tensor) are not read")
        }
        formats[isShared ? tensor : "\(name)_\(tensor)"] = format
      }
    }
    return formats
  }

  /// One direction, whose weights are four arguments from `position`: of the features, of the state, and their biases.
  private mutating func direction(
    _ call: KernelCall, _ configuration: KernelConfiguration, isLSTM: Bool, at position: Int,
    _ features: Int, _ x: Tensor
  ) throws(Refusal) -> Direction {
    let name = configuration.made.name
    let units = try configuration.integer("n_state")
    let columns = try size(units, isLSTM ? 4 : 3)
    guard let one = configuration.inner("mult_config1"), let two = configuration.inner("mult_config2") else {
      throw Refusal("\(name) has no configurations of its products")
    }
    let accum = try configuration.format("accum_t")
    var formats = ["accum": accum]
    var products: [Products] = []
    var weights: [[Double]] = []
    var biases: [[Double]] = []
    for (number, (inner, rows)) in [(one, features), (two, units)].enumerated() {
      let prefix = number == 0 ? "" : "recurrent_"
      guard try inner.integer("n_in") == rows, try inner.integer("n_out") == columns else {
        throw Refusal("\(inner.made.name): not \(columns) products of \(rows)")
      }
      guard try inner.format("accum_t") == accum else {
        throw Refusal("\(inner.made.name): sums of another type than those of \(name) are not read")
      }
      if let product = inner.typeName("product"), product != "mult", product != "weight_ternary" {
        throw Refusal("\(inner.made.name): products by \(product) are not read")
      }
      products.append(try self.products(inner, inner))
      if products[number].strategy == .distributedArithmetic {
        throw Refusal("\(inner.made.name): functions of additions in recurrent layers are not read")
      }
      let kernel = try kernel(call, position + number, count: try size(rows, columns), inner, operand: x)
      let isTransposed = products[number].isTransposed
      weights.append(
        isTransposed ? transposed(kernel.values, rows: columns, columns: rows) : kernel.values)
      formats["\(prefix)weight"] = kernel.formats["weight"]
      formats["\(prefix)bias"] = try inner.format("bias_t")
      biases.append(
        try self.weights(call, position + 2 + number, count: columns, try inner.format("bias_t")))
    }
    guard products[0].strategy == products[1].strategy else {
      throw Refusal("\(name): products of two strategies are not read")
    }
    if !isLSTM, case .integer(1)? = try configuration.value("pytorch_order") {
      // PyTorch has the reset gate first.
      let order = Array(units..<2 * units) + Array(0..<units) + Array(2 * units..<columns)
      weights = weights.map { matrix in
        stride(from: 0, to: matrix.count, by: columns).flatMap { row in order.map { matrix[row + $0] } }
      }
      biases = biases.map { bias in order.map { bias[$0] } }
    }
    let outer = try function(configuration, "activation", "ACT_CONFIG_T")
    let gate = try function(configuration, "activation_recr", isLSTM ? "ACT_CONFIG_LSTM" : "ACT_CONFIG_GRU")
    let tables = [outer, gate].compactMap(\.table)
    if let table = tables.first {
      guard tables.allSatisfy({ $0 == table }) else {
        throw Refusal("\(name): a cell with tables of two kinds is not read")
      }
      formats["table"] = table.format
    }
    let pass = RecurrentPass(
      isLSTM ? .lstm : .gru(resetAfter: true),
      kernel: Weights(shape: [features, columns], values: weights[0]),
      recurrentKernel: Weights(shape: [units, columns], values: weights[1]),
      bias: Weights(shape: [2, columns], values: biases[0] + biases[1]), activation: outer.activation,
      gateActivation: gate.activation)
    return Direction(
      pass: pass, formats: formats, products: products[0], recurrentReuseFactor: products[1].reuseFactor,
      tableSize: tables.first?.size ?? 1024)
  }

  /// A table of a function inside a cell.
  private struct Table: Hashable {
    var format: FixedFormat
    var size: Int
  }

  /// A function inside a cell, with its table where it has one.
  private func function(_ configuration: KernelConfiguration, _ name: String, _ settings: String)
    throws(Refusal) -> (activation: Activation, table: Table?)
  {
    guard let function = configuration.typeName(name), let inner = configuration.inner(settings) else {
      throw Refusal("\(configuration.made.name) has no \(name) with a configuration")
    }
    let activation: Activation
    switch function {
    case "relu": return (.relu(maximum: nil, negativeSlope: 0, threshold: 0), nil)
    case "sigmoid": activation = .sigmoid
    case "tanh": activation = .tanh
    default: throw Refusal("\(configuration.made.name): the activation \(function) is not read in a cell")
    }
    return (
      activation, Table(format: try inner.format("table_t"), size: try inner.integer("table_size"))
    )
  }
}
