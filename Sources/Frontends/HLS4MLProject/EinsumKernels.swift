import Configuration
import Diagnostics
import FixedPoint
import Model

// Products by an equation.

extension ProjectBuilder {
  /// What a struct of a transposition says: the shape it reads and the order it brings the axes to.
  private func transposition(_ type: String, _ configuration: KernelConfiguration) throws(Refusal) -> (
    shape: [Int], order: [Int]
  ) {
    let name = configuration.made.types[type]?.lastName ?? ""
    func integers(_ suffix: String) -> [Int] {
      (text.arrays["\(name)_\(suffix)"]?.values ?? []).compactMap { Int(exactly: $0) }
    }
    let (shape, order) = (integers("from_shape"), integers("perm"))
    guard !shape.isEmpty, order.sorted() == Array(shape.indices), shape.allSatisfy({ $0 > 0 }) else {
      throw Refusal("\(configuration.made.name) has no permutation \(type)")
    }
    return (shape, order)
  }

  /// A layer that moves elements on the way to a call's result.
  private mutating func moved(
    _ x: Tensor, _ className: String, _ kind: LayerKind, _ shape: [Int], _ name: String, _ call: KernelCall
  ) throws(Refusal) -> Tensor {
    guard shape != x.shape || className != "Reshape" else { return x }
    try check(shape)
    let layer = try append(
      name: free(name), className, kind, inputs: [x.layer], shape: shape, ["result": x.format], call.place)
    return Tensor(layer: layer, shape: shape, format: x.format)
  }

  /// An argument transposed, as matrices.
  private mutating func matrices(
    _ call: KernelCall, _ position: Int, _ type: String, _ configuration: KernelConfiguration, _ shape: [Int]
  ) throws(Refusal) -> Tensor {
    let (from, order) = try transposition(type, configuration)
    var x = try operand(call, position, shape: from)
    let label = "\(name(call, call.arguments.count - 1))_in\(position + 1)"
    if order != Array(from.indices) {
      x = try moved(x, "Transpose", .permute(order: order), order.map { from[$0] }, label, call)
    }
    guard Saturating.product(shape) == Saturating.product(from) else {
      throw Refusal("\(configuration.made.name): sizes of \(shape) for data of \(from)")
    }
    return try moved(x, "Reshape", .reshape, shape, "\(label)_rows", call)
  }

  /// The matrices of results transposed: the result of the call.
  private mutating func result(
    _ call: KernelCall, _ position: Int, _ matrices: Tensor, _ configuration: KernelConfiguration
  ) throws(Refusal) {
    let (from, order) = try transposition("tpose_out_conf", configuration)
    guard Saturating.product(matrices.shape) == Saturating.product(from) else {
      throw Refusal("\(configuration.made.name): a result of \(matrices.shape) for \(from)")
    }
    let formats = ["result": matrices.format]
    guard order != Array(from.indices) else {
      return try add(call, to: position, "Reshape", .reshape, inputs: [matrices], shape: from, formats)
    }
    let wide = try moved(
      matrices, "Reshape", .reshape, from, "\(name(call, position))_axes", call)
    try add(
      call, to: position, "Transpose", .permute(order: order), inputs: [wide], shape: order.map { from[$0] },
      formats)
  }

  /// Two tensors of data: sums of products along their last axes, in the accumulator.
  mutating func einsum(_ call: KernelCall) throws(Refusal) {
    let configuration = try configuration(of: call)
    let (groups, rows, columns, depth) = (
      try configuration.integer("n_inplace"), try configuration.integer("n_free0"),
      try configuration.integer("n_free1"), try configuration.integer("n_contract")
    )
    if let product = configuration.typeName("product"), product != "mult" {
      throw Refusal("\(configuration.made.name): products by \(product) are not read")
    }
    let x = try matrices(call, 0, "tpose_inp0_config", configuration, [groups, rows, depth])
    let y = try matrices(call, 1, "tpose_inp1_config", configuration, [groups, columns, depth])
    let format = try format(of: call, 2)
    let shape = [groups, rows, columns]
    try check(shape)
    let layer = try append(
      name: free("\(name(call, 2))_products"), "Einsum", .matrixProduct, inputs: [x.layer, y.layer],
      shape: shape,
      ["result": format, "accum": try configuration.format("accum_t")], call.place)
    try result(call, 2, Tensor(layer: layer, shape: shape, format: format), configuration)
  }

  /// Data and weights: a dense layer for every row; weights change from group to group.
  mutating func einsumDense(_ call: KernelCall) throws(Refusal) {
    let configuration = try configuration(of: call)
    guard let inner = configuration.inner("dense_conf") else { return try addedEinsum(call, configuration) }
    let (groups, rows, outputs, depth) = (
      try configuration.integer("n_inplace"), try configuration.integer("n_free_data"),
      try configuration.integer("n_free_kernel"), try configuration.integer("n_contract")
    )
    let products = try products(inner, inner)
    guard products.strategy == .latency else {
      throw Refusal("\(inner.made.name): nnet::einsum_dense of this strategy is not read")
    }
    let x = try matrices(call, 0, "tpose_inp_conf", configuration, [groups, rows, depth])
    var kernel = try kernel(
      call, 2, count: try size(groups, depth, outputs), inner, operand: x)
    let format = try format(of: call, 1)
    kernel.formats["result"] = format
    let biases = try weights(call, 3, count: try size(groups, rows, outputs), try inner.format("bias_t"))
    let label = name(call, 1)
    guard groups <= 4096 else { throw Refusal("\(configuration.made.name): n_inplace is \(groups)") }
    var parts: [Int] = []
    for group in 0..<groups {
      let own = biases[group * rows * outputs..<(group + 1) * rows * outputs]
      let bias = Array(own.prefix(outputs))
      guard zip(own, 0...).allSatisfy({ $0 == bias[$1 % outputs] }) else {
        throw Refusal("nnet::einsum_dense with a bias that differs from row to row is not read")
      }
      let part = try self.rows(of: group, groups, x, [rows, depth], label, call)
      let values = kernel.values[group * depth * outputs..<(group + 1) * depth * outputs]
      parts.append(
        try append(
          name: free(groups == 1 ? "\(label)_dense" : "\(label)_dense\(group + 1)"), "Dense",
          .dense(
            Dense(
              kernel: Weights(shape: [depth, outputs], values: Array(values)),
              bias: Weights(shape: [outputs], values: bias), activation: .linear)),
          inputs: [part.layer], shape: [rows, outputs], kernel.formats, call.place
        ) { Self.apply(kernel, products, &$0) })
    }
    try result(call, 1, try joined(parts, [rows, outputs], format, label, call), configuration)
  }

  /// The rows of all groups.
  private mutating func joined(
    _ parts: [Int], _ shape: [Int], _ format: FixedFormat, _ label: String, _ call: KernelCall
  ) throws(Refusal) -> Tensor {
    guard parts.count > 1 else { return Tensor(layer: parts[0], shape: shape, format: format) }
    let all = [parts.count * shape[0], shape[1]]
    let layer = try append(
      name: free("\(label)_joined"), "Concatenate", .concatenate(axis: 0), inputs: parts, shape: all,
      ["result": format], call.place)
    return Tensor(layer: layer, shape: all, format: format)
  }

  /// The rows of a group.
  private mutating func rows(
    of group: Int, _ groups: Int, _ x: Tensor, _ shape: [Int], _ label: String, _ call: KernelCall
  ) throws(Refusal) -> Tensor {
    var part = x
    if groups > 1 {
      part = try moved(
        x, "Slice", .gather(indices: [[group], nil, nil]), [1] + shape, "\(label)_group\(group + 1)", call)
    }
    return try moved(part, "Reshape", .reshape, shape, "\(label)_rows\(group + 1)", call)
  }

  /// The same where da4ml wrote the sums of every group as a function of additions, `einsum_3_da_0_of_2`: sums and then the biases
  /// are put in the accumulator's type.
  private mutating func addedEinsum(_ call: KernelCall, _ configuration: KernelConfiguration) throws(Refusal)
  {
    let (groups, rows, outputs, depth) = (
      try configuration.integer("n_inplace"), try configuration.integer("n_free_data"),
      try configuration.integer("n_free_kernel"), try configuration.integer("n_contract")
    )
    let kernel = try function("da_kernel", of: configuration)
    guard groups <= 4096, kernel.statements.count == groups else {
      throw Refusal("'\(kernel.name)' has \(kernel.statements.count) calls for n_inplace \(groups)")
    }
    let x = try matrices(call, 0, "tpose_inp_conf", configuration, [groups, rows, depth])
    let elements = elementFormats(of: x)
    let (accumulator, format) = (try configuration.format("accum_t"), try format(of: call, 1))
    let biasType = try configuration.format("bias_t")
    let biases = try weights(call, 2, count: try size(groups, rows, outputs), biasType)
    let label = name(call, 1)
    var parts: [Int] = []
    for (group, statement) in kernel.statements.enumerated() {
      guard case .identifier(let name)? = statement.tokens.first else {
        throw Refusal("'\(statement.tokens.text)' is not understood")
      }
      let words = (0..<depth).map { column in
        Self.common((0..<rows).map { elements[(group * rows + $0) * depth + column] })
      }
      let sums = try matrix(try function(named: name), elements: words)
      guard sums.outputs == outputs, sums.conversions.isEmpty else {
        throw Refusal("'\(name)' has \(sums.outputs) results of \(outputs), or rounds what it reads")
      }
      let part = try self.rows(of: group, groups, x, [rows, depth], label, call)
      var formats = sums.formats
      formats["result"] = accumulator
      let number = groups == 1 ? "" : "\(group + 1)"
      var made = try append(
        name: free("\(label)_dense\(number)"), "Dense", .dense(sums.dense), inputs: [part.layer],
        shape: [rows, outputs], formats, call.place
      ) { $0.strategy = .distributedArithmetic }
      let own = Array(biases[group * rows * outputs..<(group + 1) * rows * outputs])
      if own.contains(where: { $0 != 0 }) {
        made = try added(
          own, biasType, to: made, [rows, outputs], accumulator, "\(label)_bias\(number)", call)
      }
      parts.append(
        try append(
          name: free("\(label)_sums\(number)"), "Activation", .activation(.linear), inputs: [made],
          shape: [rows, outputs], ["result": format], call.place))
    }
    try result(call, 1, try joined(parts, [rows, outputs], format, label, call), configuration)
  }

  /// A bias for every element, as a normalization that multiplies by 1.
  private mutating func added(
    _ bias: [Double], _ type: FixedFormat, to layer: Int, _ shape: [Int], _ format: FixedFormat,
    _ label: String,
    _ call: KernelCall
  ) throws(Refusal) -> Int {
    let count = bias.count
    func parameters(_ values: [Double]) -> Weights { Weights(shape: [count], values: values) }
    let normalization = BatchNormalization(
      gamma: parameters(bias.map { _ in 1 }), beta: parameters(bias), mean: parameters(bias.map { _ in 0 }),
      variance: parameters(bias.map { _ in 1 }), epsilon: 0, axis: 0)
    let flat = try moved(
      Tensor(layer: layer, shape: shape, format: format), "Reshape", .reshape, [count], "\(label)_flat", call)
    let sums = try append(
      name: free(label), "BatchNormalization", .batchNormalization(normalization), inputs: [flat.layer],
      shape: [count], ["result": format, "scale": FixedFormat(1, 1, signed: false), "bias": type], call.place
    ) { $0.written = WrittenKernel() }
    let back = Tensor(layer: sums, shape: [count], format: format)
    return try moved(back, "Reshape", .reshape, shape, "\(label)_back", call).layer
  }
}
