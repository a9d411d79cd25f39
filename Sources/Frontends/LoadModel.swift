import Configuration
import Diagnostics
import Model
import Storage

/// What a model file gives.
public struct ImportedModel: Sendable {
  /// What was trained.
  public var model: Model
  /// What the user should know of it: what was left out, what was assumed.
  public var notes: [Diagnostic]
  /// Settings that the file itself brings, as a project of hls4ml does. A configuration of the user's own replaces them.
  public var configuration: Configuration?

  /// Makes a result.
  public init(_ model: Model, notes: [Diagnostic] = [], configuration: Configuration? = nil) {
    self.model = model
    self.notes = notes
    self.configuration = configuration
  }
}

/// A file to be read as a model.
struct ModelFile {
  /// The file or folder, as the user named it.
  var path: String
  /// A file of weights that the user named beside it.
  var weights: String?
  /// How much may be read.
  var limits: WorkLimits
  /// What it is where that is told by the keys of JSON: the JSON.
  var json: JSONNode?
}

/// Reads the files of one format.
typealias ModelReader = @Sendable (borrowing ModelFile) throws(Failure) -> ImportedModel

/// The formats that are read, told by content (`FileFormat`): a frontend is one folder beside this file and one line here.
/// A file of no format in `FileFormat` is taken for Keras's, whose three containers (JSON, HDF5, zip) others have too.
let modelReaders: [FileFormat: ModelReader] = [
  .onnx: loadONNXModel, .torchExport: loadTorchModel, .xgBoost: loadXGBoost, .lightGBM: loadLightGBM,
  .conifer: loadConifer,
  .hls4mlProject: { (file) throws(Failure) in
    try loadHLS4MLProject(path: file.path, weights: file.weights, limits: file.limits)
  },
]

/// Reads a trained model, choosing the format by the file's content.
///
/// - Parameters:
///   - path: a Keras `.keras` archive, a whole-model HDF5 file, or an architecture in JSON; or a file of a format in
///     `modelReaders`.
///   - weights: the weights of a Keras JSON architecture; when nil, `X.json` finds `X_weights.h5`,
///     `X.weights.h5` or `X.h5` beside it; a model without weights needs none. For the other Keras formats it replaces the
///     weights they carry.
///   - limits: how many weights are read at most.
/// - Returns: the model, checked: every shape is known and positive, every weight finite and of the shape
///   its layer needs, names unique, inputs before the layers that read them.
/// - Throws: `missingInput` if a file does not exist, `badInput` with every problem found, sorted.
public func loadModel(
  path: String, weights: String? = nil, limits: WorkLimits = WorkLimits()
) throws(Failure) -> ImportedModel {
  var file = ModelFile(path: path, weights: weights, limits: limits)
  var format = FileFormat.of(path)
  if format == nil {
    let start = try readStart(path)
    if !ZipArchive.isZip(start), !HDF5File.isHDF5(start) {
      // Text that does not even begin like JSON is something else.
      if let first = start.first(where: { ![0x20, 0x09, 0x0a, 0x0d].contains($0) }),
        !"{[\"'/#".utf8.contains(first), first < 0x80, first > 0
      {
        throw Failure(
          .badInput, file: path, "this is no file of a format that is read as a model",
          hint: FileFormat.folder.advice)
      }
      let json = try JSONNode(contentsOf: path)
      file.json = json
      format = FileFormat.of(keys: (json.members ?? []).map(\.key))
    }
  }
  guard let format else { return try loadKerasModel(file) }
  if let read = modelReaders[format] { return try read(file) }
  throw Failure(
    .badInput, file: path, "this is \(format.name), which is not read as a model", hint: format.advice)
}

/// Refuses files of other tools by what they are.
func refuseForeign(_ path: String, _ wanted: String) throws(Failure) {
  guard let format = FileFormat.of(path) else { return }
  throw Failure(.badInput, file: path, "this is \(format.name), not \(wanted)", hint: format.advice)
}
