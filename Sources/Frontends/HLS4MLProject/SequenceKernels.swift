import FixedPoint
import Model

extension ProjectBuilder {
  /// Rows of a table: the words of the input say which.
  mutating func embedding(_ call: KernelCall) throws(Refusal) {
    let configuration = try configuration(of: call)
    let rows = try configuration.integer("vocab_size")
    let columns = try configuration.integer("n_out")
    let x = try operand(call, otherwise: [try configuration.integer("n_in")])
    if isStream, x.shape.count != 1 {
      throw Refusal("nnet::embedding reads one pack of a stream, and '\(try call.name(0))' has more")
    }
    let format = try configuration.format("embeddings_t")
    let values = try weights(call, 2, count: try size(rows, columns), format)
    try add(
      call, to: 1, "Embedding",
      .embedding(Embedding(rows: Weights(shape: [rows, columns], values: values))), inputs: [x],
      shape: x.shape + [columns], ["embeddings": format, "result": try self.format(of: call, 1)])
  }

  /// Every row normalized over its elements, by a table of 1/√variance. (It came with hls4ml 1.2, and is the same since.)
  mutating func layerNormalization(_ call: KernelCall) throws(Refusal) {
    let configuration = try configuration(of: call)
    let (count, rows) = (try configuration.integer("n_in"), try configuration.integer("seq_len"))
    guard !isStream else { throw Refusal("nnet::layernormalize on streams is not read") }
    guard count % rows == 0 else { throw Refusal("\(configuration.made.name): seq_len does not divide n_in") }
    if let product = configuration.typeName("product"), product != "mult" {
      throw Refusal("\(configuration.made.name): products by \(product) are not read")
    }
    let columns = count / rows
    let x = try operand(call, shape: [rows, columns])
    var formats = ["result": try format(of: call, 1)]
    for name in ["accum", "table", "scale", "bias"] { formats[name] = try configuration.format("\(name)_t") }
    let power = try configuration.integer("epsilon_power_of_10")
    guard power <= 30 else { throw Refusal("\(configuration.made.name)::epsilon_power_of_10 is \(power)") }
    let range = try configuration.integer("table_range_power2", least: 0)
    guard range <= 30 else { throw Refusal("\(configuration.made.name)::table_range_power2 is \(range)") }
    let entries = try configuration.integer("table_size")
    func parameter(_ position: Int, _ name: String) throws(Refusal) -> Weights {
      Weights(
        shape: [columns],
        values: try weights(call, position, count: columns, try configuration.format("\(name)_t")))
    }
    var epsilon = 1.0
    for _ in 0..<power { epsilon /= 10 }
    let normalization = LayerNormalization(
      axes: 1, gamma: try parameter(2, "scale"), beta: try parameter(3, "bias"), epsilon: epsilon)
    try add(
      call, to: 1, "LayerNormalization", .layerNormalization(normalization), inputs: [x], shape: x.shape,
      formats
    ) {
      $0.tableSize = entries
      $0.tableRangePower2 = range
    }
  }
}
