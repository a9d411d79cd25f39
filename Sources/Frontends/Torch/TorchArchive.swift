import Diagnostics
import Model
import Storage

/// A `.pt2` archive: the JSON of its one model, and its tensors.
///
///     NAME/archive_format, byteorder
///     NAME/models/MODEL.json
///     NAME/data/weights/MODEL_weights_config.json, weight_0, …
///     NAME/data/constants/MODEL_constants_config.json, tensor_0, …
///
/// Entries are only ever looked up in the archive by name: none becomes a path.
final class TorchArchive {
  /// The file, as the user named it.
  let path: String
  private let zip: ZipArchive
  private let limits: WorkLimits
  /// What all names of entries begin with.
  private let root: String
  /// The model's name.
  let model: String
  private let isBigEndian: Bool
  /// Entries of tensors already read: several tensors may share one.
  private var storages: [String: [UInt8]] = [:]
  /// Elements of tensors read so far.
  private var elements = 0

  init(_ path: String, _ limits: WorkLimits) throws(Failure) {
    self.path = path
    self.limits = limits
    zip = try ZipArchive(path: path)
    let names = zip.entryNames
    let again = "save it again with torch.export.save of PyTorch 2.9 or later"
    if names.contains(where: { $0.hasSuffix("serialized_exported_program.json") }) {
      throw Failure(
        .badInput, file: path, "this program was saved by an older PyTorch, which pickles the weights",
        hint: again)
    }
    let models = names.filter {
      $0.hasSuffix(".json") && $0.dropLast(5).split(separator: "/").dropLast().last == "models"
    }
    guard let entry = models.first else {
      throw Failure(
        .badInput, file: path, "the archive has no models/*.json",
        hint: names.contains { $0.contains("aotinductor/") }
          ? "a package of AOTInductor holds machine code: give the program it was compiled from"
          : "torch.export.save(torch.export.export(model.eval(), (example,)), 'model.pt2')")
    }
    guard models.count == 1 else {
      throw Failure(
        .badInput, file: path,
        "the archive has \(models.count) models: \(models.sorted().prefix(8).joined(separator: ", "))",
        hint: "save each on its own")
    }
    let steps = entry.dropLast(5).split(separator: "/", omittingEmptySubsequences: false)
    model = String(steps[steps.count - 1])
    root = steps.dropLast(2).map { "\($0)/" }.joined()
    if zip.contains("\(root)data/weights/\(model).pt") || zip.contains("\(root)data/constants/\(model).pt") {
      throw Failure(
        .badInput, file: path, "its weights are a pickle, as older versions of PyTorch wrote them",
        hint: again)
    }
    let order =
      try zip.contains("\(root)byteorder") ? zip.read("\(root)byteorder", limit: 64) : Array("little".utf8)
    switch String(decoding: order, as: UTF8.self).filter({ !$0.isWhitespace }) {
    case "little": isBigEndian = false
    case "big": isBigEndian = true
    default:
      throw Failure(
        .badInput, file: path, place: "\(root)byteorder", "the order of bytes is neither little nor big")
    }
  }

  /// The model's JSON.
  func program() throws(Failure) -> JSONNode { try json("models/\(model).json") }

  /// The tensors' descriptions by their names in the model: its weights and its constants.
  func tensors(_ kind: String) throws(Failure) -> JSONNode? {
    let entry = "data/\(kind)/\(model)_\(kind)_config.json"
    guard zip.contains(root + entry) else { return nil }
    return try json(entry)["config"]
  }

  private func json(_ entry: String) throws(Failure) -> JSONNode {
    try JSONNode(parsing: zip.read(root + entry, limit: jsonSizeLimit), file: path, path: entry)
  }

  private func storage(_ entry: String) throws(Failure) -> [UInt8] {
    if let known = storages[entry] { return known }
    let bytes = try zip.read(entry, limit: 8 * limits[.constants])
    storages[entry] = bytes
    return bytes
  }

  /// A tensor that `tensors` describes: an array of any strides in the bytes of an entry.
  func tensor(_ node: JSONNode, _ kind: String) throws(Failure) -> ONNXTensor {
    guard node["use_pickle"]?.bool != true else {
      throw Failure(
        node.diagnostic(
          "this tensor is a pickle, a program that is never run",
          hint: "quantized and other tensor subclasses are not read"))
    }
    guard let name = node["path_name"]?.string, let meta = node["tensor_meta"], !meta.isNull else {
      throw Failure(node.diagnostic("there is no path_name and tensor_meta of a tensor"))
    }
    let layout = try TorchLayout(meta)
    elements = Saturating.sum([elements, layout.count])
    if let excess = limits.excess(.constants, elements) {
      throw Failure(
        node.diagnostic("the tensors up to this one have \(excess)", hint: WorkLimits.hint(.constants)))
    }
    let entry = "\(root)data/\(kind)/\(name)"
    let bytes = try storage(entry)
    let width = ONNXTensorReader.bytes(layout.type, 1)
    guard layout.count == 0 || layout.last < bytes.count / width else {
      throw Failure(
        node.diagnostic("its \(layout.count) elements are not in the \(bytes.count) bytes of \(name)"))
    }
    var packed: [UInt8] = []
    packed.reserveCapacity(layout.count * width)
    for place in layout.places {
      let element = bytes[place * width..<(place + 1) * width]
      if isBigEndian { packed += element.reversed() } else { packed += element }
    }
    return ONNXTensor(
      layout.type, layout.shape,
      packed.withUnsafeBytes { ONNXTensorReader.numbers($0, layout.type, layout.count) })
  }
}

/// How a tensor lies in its storage, from a TensorMeta whose lengths are all known.
private struct TorchLayout {
  let type: ONNXType
  let shape: [Int]
  private let steps: [Int]
  private let offset: Int
  /// How many elements it has.
  let count: Int
  /// The storage's element that is its last.
  let last: Int

  init(_ meta: JSONNode) throws(Failure) {
    guard let type = TorchType.of(meta["dtype"]) else {
      throw Failure(meta.diagnostic("a tensor of the type \(TorchType.name(meta["dtype"])) is not supported"))
    }
    func numbers(_ key: String) -> [Int]? { meta[key]?.elements?.map { $0["as_int"]?.integer ?? -1 } }
    guard let shape = numbers("sizes"), let steps = numbers("strides"), shape.count == steps.count,
      shape.count <= ONNXImporter.rankLimit, let offset = meta["storage_offset"]?["as_int"]?.integer,
      (shape + steps + [offset]).allSatisfy({ $0 >= 0 })
    else { throw Failure(meta.diagnostic("sizes, strides and storage_offset do not describe a tensor")) }
    (self.type, self.shape, self.steps, self.offset) = (type, shape, steps, offset)
    count = Saturating.product(shape)
    last = Saturating.sum([offset] + zip(shape, steps).map { Saturating.product([max(0, $0 - 1), $1]) })
  }

  /// For every element, row major, its place in the storage.
  var places: [Int] { count == 0 ? [] : strided(shape, steps, from: offset) }
}

/// PyTorch's types of elements, by their numbers in torch/_export/serde/schema.py.
enum TorchType {
  private static let types: [Int: ONNXType] = [
    1: .uint8, 2: .int8, 3: .int16, 4: .int32, 5: .int64, 6: .float16, 7: .float32, 8: .float64, 12: .bool,
    13: .bfloat16,
    28: .uint16, 34: .uint32, 35: .uint64,
  ]

  static func of(_ node: JSONNode?) -> ONNXType? { node?.integer.flatMap { types[$0] } }

  /// For messages.
  static func name(_ node: JSONNode?) -> String {
    switch node?.integer {
    case 9, 10, 11: "complex"
    case let number? where (29...33).contains(number): "float8"
    case let number?: "\(number)"
    case nil: "unknown"
    }
  }
}
