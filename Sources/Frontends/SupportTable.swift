/// What is read of every trainer, by what it computes: the table of docs/models.md, made of the names in the readers' own tables.
///
/// A name that is read is in it by itself: only the row is worked out here, by the name's words. A name without a row stands in
/// the last one.
struct SupportTable {
  /// Titles of the columns, and what each reader's tables hold.
  static let readers: [(title: String, names: [String])] = [
    ("Keras 2 and 3", Array(kerasLayers.keys) + activationNames + Array(pruningLayers.keys)),
    ("keras.ops", Array(operationParsers.keys) + Array(tensorOperations.keys)),
    (
      "QKeras, HGQ 1",
      Array(qkerasLayers.keys) + Array(quantizerSignatures.keys) + Array(binaryNetLayers.keys)
        + Array(hgqProxyLayers.keys)
    ),
    ("HGQ2", Array(hgqLayers.keys)),
    ("PQuant", Array(pquantLayers.keys)),
    ("ONNX, QONNX, QCDQ", Array(onnxOperators.keys)),
    ("PyTorch .pt2", Array(torchFunctions.keys)),
    ("hls4ml projects", Array(Kernel.named.keys)),
  ]

  /// Titles of the rows, and the words by which a name belongs to one: the first row that has one of its words. `=word` is
  /// the whole name, `word$` its end, case aside.
  private static let rows: [(title: String, words: [String])] = [
    (
      "constants and shapes of tensors",
      [
        "constant", "=range", "arange", "=shape", "=size", "sym_size", "full", "zeros", "ones",
        "scalar_tensor",
      ]
    ),
    ("quantizers", ["quant", "binary", "ternary", "bernoulli", "trunc", "multithreshold"]),
    ("table per edge", ["denset$", "convt1d", "convt2d"]),
    ("recurrent layers", ["rnn", "lstm", "gru", "bidirectional"]),
    ("attention", ["attention"]),
    (
      "graphs: sorting, rows at places",
      ["garnet", "nodeedge", "=take", "takealong", "argm", "sort", "topk", "gatherelements", "gathernd"]
    ),
    ("normalization", ["norm", "=var", "=std"]),
    ("convolution", ["conv"]),
    ("matrix products, dense layers", ["dense", "gemm", "mm$", "matmul", "=linear", "einsum", "dot"]),
    ("tables of rows", ["embedding"]),
    ("pooling, reductions", ["pool", "reduce", "mean", "amax", "amin", "sum$"]),
    ("resizing", ["upsampl", "resiz", "shuffle", "depthtospace", "spacetodepth"]),
    (
      "activations",
      [
        "activation", "relu", "elu", "softmax", "sigmoid", "tanh", "soft", "swish", "silu", "mish", "=exp",
        "exponential",
        "lut", "glu", "clip", "clamp", "threshold", "sqrt", "reciprocal", "=erf",
      ]
    ),
    ("joining and parting", ["concat", "=cat", "stack$", "split", "chunk", "unbind"]),
    (
      "moving elements",
      [
        "reshape", "flatten", "view", "permute", "transpose", "swap", "=t", "numpy_t", "move", "squeeze",
        "expand", "broadcast", "roll", "slice",
        "narrow", "select", "gather", "index", "getitem", "flip", "repeat", "tile", "pad", "crop",
      ]
    ),
    (
      "combining, arithmetic",
      [
        "add", "sub", "mul", "div", "max", "min", "average", "neg", "abs", "pow", "square", "=log", "floor",
        "ceil",
        "round", "sign", "equal", "less", "greater", "loss", "=ne", "=and", "=or", "=not", "where", "=mod",
        "=gt", "=ge",
        "=lt", "=le",
        "log1p", "expm1",
      ]
    ),
    ("wrappers", ["timedistributed", "time_step", "prune"]),
    (
      "left out, as it does nothing at inference",
      [
        "dropout", "identity", "noise", "regularization", "cast", "clone", "contiguous", "alias", "detach",
        "lift_fresh",
        "=to", "_to_copy", "type_as", "assert", "sym_constrain", "stream",
      ]
    ),
  ]

  private static func row(of name: String) -> Int {
    let name = name.lowercased()
    return rows.firstIndex { row in
      row.words.contains { word in
        if word.hasPrefix("=") { return name == word.dropFirst() }
        if word.hasSuffix("$") { return name.hasSuffix(word.dropLast()) }
        return name.contains(word)
      }
    } ?? rows.count
  }

  /// The table in Markdown: a row per kind, a column per reader.
  static var markdown: String {
    var cells = Array(repeating: Array(repeating: [String](), count: readers.count), count: rows.count + 1)
    for (column, reader) in readers.enumerated() {
      for name in Set(reader.names).sorted() { cells[row(of: name)][column].append(name) }
    }
    var lines = [
      "| | \(readers.map(\.title).joined(separator: " | ")) |",
      "|---|\(String(repeating: "---|", count: readers.count))",
    ]
    for (title, names) in zip(rows.map(\.title) + ["other"], cells)
    where names.contains(where: { !$0.isEmpty }) {
      lines.append("| **\(title)** | \(names.map { $0.joined(separator: ", ") }.joined(separator: " | ")) |")
    }
    return lines.joined(separator: "\n")
  }
}
