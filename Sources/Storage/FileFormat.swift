import Diagnostics
import Glibc

/// The formats of other tools that people give us, told by content: names and endings of files lie.
public enum FileFormat: Hashable, Sendable, CaseIterable {
  case empty, folder
  case gitLFSPointer, webPage
  case onnx, torchArchive, torchScript, torchExport, torchLegacy, pickle, safetensors
  case savedModel, tensorFlowGraph, tfLite, tensorFlowJS, unpackedKeras, kerasYAML
  case lightGBM, xgBoost, catBoost, conifer, ydf, xml, gguf
  case numpyArray, numpyArchive, matlab
  case hls4mlProject, hls4mlConfiguration, triggerfishProject, notebook, pythonSource
  case zip, compressed

  /// What it is, for a sentence: "an ONNX model".
  public var name: String {
    switch self {
    case .empty: "an empty file"
    case .folder: "a folder"
    case .gitLFSPointer: "a Git LFS pointer (a file that Git has not fetched)"
    case .webPage: "a web page"
    case .onnx: "an ONNX model"
    case .torchArchive: "a PyTorch file (torch.save)"
    case .torchScript: "a TorchScript model"
    case .torchExport: "a PyTorch exported program (.pt2)"
    case .torchLegacy: "a PyTorch file of the old form"
    case .pickle: "a Python pickle"
    case .safetensors: "a safetensors file: weights without a network"
    case .savedModel: "a TensorFlow SavedModel"
    case .tensorFlowGraph: "a frozen TensorFlow graph"
    case .tfLite: "a TensorFlow Lite model"
    case .tensorFlowJS: "a TensorFlow.js model"
    case .unpackedKeras: "a .keras archive unpacked into a folder"
    case .kerasYAML: "a Keras architecture in YAML"
    case .lightGBM: "a LightGBM model"
    case .xgBoost: "an XGBoost model"
    case .catBoost: "a CatBoost model"
    case .conifer: "a conifer model"
    case .ydf: "a YDF model"
    case .xml: "XML"
    case .gguf: "a GGUF file"
    case .numpyArray: "a numpy array"
    case .numpyArchive: "an archive of numpy arrays"
    case .matlab: "a MATLAB file"
    case .hls4mlProject: "a project that hls4ml wrote"
    case .hls4mlConfiguration: "an hls4ml configuration"
    case .triggerfishProject: "a project that triggerfish compile wrote"
    case .notebook: "a Jupyter notebook"
    case .pythonSource: "Python source"
    case .zip: "a zip archive"
    case .compressed: "a compressed file"
    }
  }

  /// What to do with it where a model is wanted.
  public var advice: String {
    let read =
      "read are Keras .json with weights, whole-model .h5 and .keras, ONNX, PyTorch .pt2, and trees of XGBoost and LightGBM"
    switch self {
    case .empty: return "it was not written to its end, or not copied"
    case .folder: return read
    case .gitLFSPointer: return "git lfs install, then git lfs pull, fetch the file itself"
    case .webPage: return "a download went to the page that shows the file: take its raw or download link"
    case .onnx: return "it is read as a model, and brings its weights along"
    case .torchExport: return "it is read as a model, and brings its weights along"
    case .torchArchive, .torchScript, .torchLegacy:
      return
        "in Python: torch.export.save(torch.export.export(model.eval(), (example,)), 'model.pt2'), or torch.onnx.export; "
        + "of Brevitas export_qonnx"
    case .pickle:
      return "a pickle is a program and is never run; load it in Python and, if it holds a Keras model, "
        + "model.save('model.keras')"
    case .safetensors: return "give the network's .keras or .json with .h5 weights"
    case .savedModel:
      return "in Python: tf.keras.models.load_model(folder).save('model.keras'), with the Keras that wrote it"
    case .tensorFlowGraph, .tfLite, .tensorFlowJS:
      return "it was made from a model: save that one, model.save('model.keras')"
    case .unpackedKeras: return "zip its contents again: cd FOLDER && zip -0 ../model.keras *"
    case .kerasYAML: return "in Python: tf.keras.models.model_from_yaml(text).to_json()"
    case .lightGBM, .xgBoost, .conifer: return "it is read as a model"
    case .catBoost: return "in Python: model.save_model('model.onnx', format='onnx'), which is read"
    case .ydf:
      return
        "save it in another form: ydf's own is not read; conifer.converters.convert_from_ydf(model, config).save() "
        + "writes conifer's, which is"
    case .xml: return "TMVA weights and PMML are not read; \(read)"
    case .gguf: return "language models are not read; \(read)"
    case .numpyArray, .numpyArchive: return "events go to --input; \(read)"
    case .matlab: return read
    case .hls4mlProject:
      return "give it as the model: it is read with its types as they are"
    case .hls4mlConfiguration: return "give it with --config, beside the model"
    case .triggerfishProject:
      return "triggerfish report, verify and check take it; a model is what it was made from"
    case .notebook, .pythonSource: return "save the model it makes: model.save('model.keras')"
    case .zip: return "unpack it and give the model inside"
    case .compressed: return "uncompress it first"
    }
  }

  // MARK: Recognition

  /// The format of what is at a path, where it is one of these; nil for what we read ourselves, for what is not known and
  /// for what cannot be opened.
  public static func of(_ path: String) -> FileFormat? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    if status.st_mode & S_IFMT == S_IFDIR { return folder(path) }
    // What is read from a pipe is gone.
    guard status.st_mode & S_IFMT == S_IFREG, let start = try? readStart(path, count: 4096) else {
      return nil
    }
    if ZipArchive.isZip(start) {
      guard let archive = try? ZipArchive(path: path) else { return nil }
      return zip(archive.entryNames)
    }
    return of(start: start, size: Int(status.st_size))
  }

  /// The format of a file by its first bytes.
  static func of(start: [UInt8], size: Int) -> FileFormat? {
    if start.isEmpty { return .empty }
    for (signature, place, format) in signatures where start.dropFirst(place).starts(with: signature.utf8) {
      return format
    }
    for (bytes, format) in binarySignatures where start.starts(with: bytes) { return format }
    if isSafetensors(start, size: size) { return .safetensors }
    if isPickle(start) { return .pickle }
    if let format = ProtobufFields(start).format { return format }
    return text(start)
  }

  /// The format of JSON by the keys of its outermost object.
  public static func of(keys: some Sequence<String>) -> FileFormat? {
    let keys = Set(keys)
    for (needed, format) in jsonKeys where needed.allSatisfy(keys.contains) { return format }
    return nil
  }

  private static let signatures: [(String, Int, FileFormat)] = [
    ("version https://git-lfs.github.com/spec/", 0, .gitLFSPointer), ("TFL3", 4, .tfLite), ("GGUF", 0, .gguf),
    ("CBM1", 0, .catBoost), ("binf", 0, .xgBoost), ("{L\0\0\0\0\0\0\0", 0, .xgBoost),
    ("MATLAB 5.0", 0, .matlab),
    ("ustar", 257, .compressed), ("BZh", 0, .compressed), ("PK\u{7}\u{8}", 0, .zip),
  ]

  private static let binarySignatures: [([UInt8], FileFormat)] = [
    ([0x93] + Array("NUMPY".utf8), .numpyArray),
    // torch.save before 1.6: a pickled magic number.
    ([0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19], .torchLegacy),
    ([0x1f, 0x8b], .compressed), ([0xfd, 0x37, 0x7a, 0x58, 0x5a], .compressed),
    ([0x28, 0xb5, 0x2f, 0xfd], .compressed), ([0x37, 0x7a, 0xbc, 0xaf], .compressed),
  ]

  private static let jsonKeys: [([String], FileFormat)] = [
    (["learner", "version"], .xgBoost), (["tree_info", "feature_names"], .lightGBM),
    (["oblivious_trees"], .catBoost), (["trees", "n_trees"], .conifer), (["modelTopology"], .tensorFlowJS),
    (["nbformat", "cells"], .notebook), (["HLSConfig"], .hls4mlConfiguration),
    (["LayerName", "Model"], .hls4mlConfiguration), (["irVersion", "graph"], .onnx),
    (["ir_version", "graph"], .onnx),
  ]

  /// What the entries of a zip archive make it; nil for a .keras archive.
  static func zip(_ entries: [String]) -> FileFormat? {
    func has(_ ending: String) -> Bool { entries.contains { $0 == ending || $0.hasSuffix("/\(ending)") } }
    if entries.contains("config.json") { return nil }
    if has("saved_model.pb") { return .savedModel }
    if has("serialized_exported_program.json") || has("archive_format") || has("models/model.json") {
      return .torchExport
    }
    if has("constants.pkl") { return .torchScript }
    if has("data.pkl") { return .torchArchive }
    if !entries.isEmpty, entries.allSatisfy({ $0.hasSuffix(".npy") }) { return .numpyArchive }
    return .zip
  }

  private static func folder(_ path: String) -> FileFormat {
    let known: [(String, FileFormat)] = [
      ("saved_model.pb", .savedModel), ("program.tf", .triggerfishProject),
      ("hls4ml_config.yml", .hls4mlProject), ("model.weights.h5", .unpackedKeras), ("data_spec.pb", .ydf),
    ]
    if let format = known.first(where: { fileExists("\(path)/\($0.0)") })?.1 { return format }
    return HLS4MLFolders.under(path).isEmpty ? .folder : .hls4mlProject
  }

  /// Eight bytes of length, then so many of JSON.
  private static func isSafetensors(_ start: [UInt8], size: Int) -> Bool {
    guard start.count > 9, start[8] == UInt8(ascii: "{") else { return false }
    let length = start[0..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return length >= 2 && length <= UInt64(max(0, size - 8))
  }

  /// Protocols 2 to 5 begin with their number, and older ones with an opcode that puts a global, a dictionary or a list on
  /// the stack.
  private static func isPickle(_ start: [UInt8]) -> Bool {
    if start.count > 2, start[0] == 0x80 { return (2...5).contains(start[1]) }
    return ["ccopy_reg\n", "(dp", "(lp", "(i__main__"].contains { start.starts(with: $0.utf8) }
  }

  private static func text(_ start: [UInt8]) -> FileFormat? {
    let text = String(decoding: start, as: UTF8.self)
    let body = text.drop { $0.isWhitespace || $0 == "\u{feff}" }
    let lower = body.prefix(64).lowercased()
    if lower.hasPrefix("<!doctype html") || lower.hasPrefix("<html") { return .webPage }
    if lower.hasPrefix("<?xml") || lower.hasPrefix("<methodsetup") || lower.hasPrefix("<pmml") { return .xml }
    let lines = body.split(separator: "\n", omittingEmptySubsequences: true).prefix(40)
    func begins(_ starts: String...) -> Bool {
      lines.contains { line in starts.contains { line.hasPrefix($0) } }
    }
    if body.hasPrefix("tree\n"), begins("version=") { return .lightGBM }
    if begins("HLSConfig:", "KerasJson:", "OutputDir:") { return .hls4mlConfiguration }
    if begins("class_name:") { return .kerasYAML }
    // The file of the top function, and a project's headers.
    if begins("#include \"parameters.h\"", "#include \"defines.h\"", "#include \"nnet_utils/") {
      return .hls4mlProject
    }
    if begins("import ", "from ", "def "), !body.hasPrefix("{") { return .pythonSource }
    return nil
  }
}

/// The outermost fields of a protocol buffer, as far as they are in the bytes at hand.
private struct ProtobufFields {
  private var fields: [(number: Int, value: Value)] = []
  private var isValid = true

  private enum Value {
    case integer(UInt64)
    case bytes(ArraySlice<UInt8>)
    case fixed
  }

  init(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty, fields.count < 16 {
      guard let tag = Self.varint(&rest) else { break }
      let number = Int(truncatingIfNeeded: tag >> 3)
      switch tag & 7 {
      case 0:
        guard let value = Self.varint(&rest) else { return }
        fields.append((number, .integer(value)))
      case 2:
        guard let length = Self.varint(&rest) else { return }
        fields.append((number, .bytes(rest.prefix(Int(clamping: length)))))
        rest = rest.dropFirst(Int(clamping: length))
      case 1:
        fields.append((number, .fixed))
        rest = rest.dropFirst(8)
      case 5:
        fields.append((number, .fixed))
        rest = rest.dropFirst(4)
      default:
        isValid = false
        return
      }
    }
  }

  private static func varint(_ bytes: inout ArraySlice<UInt8>) -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: 0, to: 63, by: 7) {
      guard let byte = bytes.popFirst() else { return nil }
      value |= UInt64(byte & 0x7f) << UInt64(shift)
      if byte < 0x80 { return value }
    }
    return nil
  }

  /// What the fields are those of: onnx.proto's ModelProto, saved_model.proto, graph.proto.
  var format: FileFormat? {
    guard isValid, fields.count >= 2 || (fields.count == 1 && fields[0].number == 7) else { return nil }
    // ir_version, producer, domain, model_version, doc_string, graph, opset_import, metadata, training, functions.
    let known = [1, 2, 3, 4, 5, 6, 7, 8, 14, 20, 25]
    let isText = { (bytes: ArraySlice<UInt8>) in bytes.allSatisfy { (0x20..<0x7f).contains($0) } }
    switch (fields[0].number, fields[0].value) {
    case (1, .integer(let version)) where (1...100).contains(version):
      guard fields.allSatisfy({ known.contains($0.number) }) else { return nil }
      // A SavedModel's second field is a message, an ONNX model's the name of what wrote it.
      if version == 1, fields[1].number == 2, case .bytes(let bytes) = fields[1].value, !isText(bytes) {
        return .savedModel
      }
      return .onnx
    case (7, .bytes), (8, .bytes):
      return fields.allSatisfy({ known.contains($0.number) }) ? .onnx : nil
    case (1, .bytes(let node)):
      // A GraphDef is a list of nodes, each with a name and an operation.
      guard node.first == 0x0a, let length = node.dropFirst().first, node.count > Int(length) + 2 else {
        return nil
      }
      let name = node.dropFirst(2).prefix(Int(length))
      return !name.isEmpty && isText(name) && node.dropFirst(2 + Int(length)).first == 0x12
        ? .tensorFlowGraph : nil
    default: return nil
    }
  }
}
