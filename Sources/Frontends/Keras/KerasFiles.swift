import Diagnostics
import Model
import Storage

/// Where a Keras model's architecture and weights were found.
struct KerasFiles: ~Copyable {
  /// The architecture: an object with class_name and config.
  let architecture: JSONNode
  /// Keras's major version: 2 or 3.
  let generation: Int
  /// The weights.
  let weights: KerasWeights
}

/// Reads a Keras model from any of its forms.
func loadKerasModel(_ file: borrowing ModelFile) throws(Failure) -> ImportedModel {
  let files = try openKerasFiles(file)
  do throws(Failure) {
    return try KerasBuilder.build(files)
  } catch {
    throw files.weights.missing ?? error
  }
}

private func openKerasFiles(_ file: borrowing ModelFile) throws(Failure) -> KerasFiles {
  if let json = file.json { return try openArchitecture(json, file.path, file.weights, file.limits) }
  return ZipArchive.isZip(try readStart(file.path))
    ? try openArchive(file.path, file.weights, file.limits)
    : try openWholeModel(file.path, file.weights, file.limits)
}

/// A JSON file with the weights in an HDF5 file beside it.
private func openArchitecture(
  _ architecture: JSONNode, _ path: String, _ weights: String?, _ limits: WorkLimits
) throws(Failure) -> KerasFiles {
  let generation = try generation(of: architecture, version: nil)
  var file = weights
  if file == nil {
    do throws(Failure) { file = try weightsBeside(path) } catch {
      return KerasFiles(
        architecture: architecture, generation: generation, weights: KerasWeights(missing: error))
    }
  }
  return KerasFiles(
    architecture: architecture, generation: generation, weights: try weightsFile(file ?? path, limits))
}

/// A file of weights by itself.
private func weightsFile(_ path: String, _ limits: WorkLimits) throws(Failure) -> KerasWeights {
  try refuseForeign(path, "weights of Keras")
  return try KerasWeights(HDF5File(path: path), limits: limits)
}

/// Where the weights of an architecture file are looked for, in this order, if no file is named.
public func weightsFiles(beside path: String) -> [String] {
  let base = path.hasSuffix(".json") ? String(path.dropLast(5)) : path
  return ["\(base)_weights.h5", "\(base).weights.h5", "\(base).h5"]
}

/// The weights file that belongs to an architecture file.
private func weightsBeside(_ path: String) throws(Failure) -> String {
  let candidates = weightsFiles(beside: path)
  for candidate in candidates where fileExists(candidate) { return candidate }
  throw Failure(
    .missingInput, file: path, "no weights: there is neither \(candidates.joined(separator: " nor "))",
    hint: "name the weights file with --weights")
}

/// An HDF5 file with the architecture in its attribute model_config.
private func openWholeModel(
  _ path: String, _ weights: String?, _ limits: WorkLimits
) throws(Failure) -> KerasFiles {
  let file = try HDF5File(path: path)
  guard let text = try file.string("model_config") else {
    throw Failure(
      .badInput, file: path, "this HDF5 file has weights but no architecture (no attribute model_config)",
      hint: "give the architecture's .json file, and this file with --weights")
  }
  let architecture = try JSONNode(parsing: Array(text.utf8), file: path, path: "model_config")
  let generation = try generation(of: architecture, version: file.string("keras_version"))
  if let weights {
    return KerasFiles(
      architecture: architecture, generation: generation, weights: try weightsFile(weights, limits))
  }
  return KerasFiles(
    architecture: architecture, generation: generation, weights: try KerasWeights(file, limits: limits))
}

/// A .keras archive: config.json, metadata.json and model.weights.h5.
private func openArchive(
  _ path: String, _ weights: String?, _ limits: WorkLimits
) throws(Failure) -> KerasFiles {
  let archive = try ZipArchive(path: path)
  guard archive.contains("config.json") else {
    throw Failure(
      .badInput, file: path, "this zip archive is not a .keras model: it has no config.json")
  }
  let architecture = try JSONNode(parsing: archive.read("config.json", limit: jsonSizeLimit), file: path)
  var version: String?
  if archive.contains("metadata.json") {
    let metadata = try JSONNode(parsing: archive.read("metadata.json", limit: 1 << 20), file: path)
    version = metadata["keras_version"]?.string
  }
  let generation = try generation(of: architecture, version: version)
  if let weights {
    return KerasFiles(
      architecture: architecture, generation: generation, weights: try weightsFile(weights, limits))
  }
  guard archive.contains("model.weights.h5") else {
    let sharded = archive.contains("model.weights.json")
    throw Failure(
      .badInput, file: path,
      sharded ? "weights split over several files are not supported" : "the archive has no model.weights.h5",
      hint: sharded ? "save the model without sharding" : nil)
  }
  // float32, and an optimizer's state beside it at most.
  let image = try archive.read(
    "model.weights.h5", limit: max(1 << 24, 8 * limits[.constants]), signature: HDF5File.signature)
  return KerasFiles(
    architecture: architecture, generation: generation,
    weights: try KerasWeights(HDF5File(image: image, name: path), limits: limits))
}

/// Keras's major version, which some defaults depend on: as the file says, or as its forms show.
private func generation(of architecture: JSONNode, version: String?) throws(Failure) -> Int {
  guard architecture["class_name"]?.string != nil, architecture["config"] != nil else {
    throw Failure(
      architecture.diagnostic(
        "this JSON is not a Keras model: it has no class_name and config at the top",
        hint: architecture.string == nil
          ? "model.to_json() writes what is needed"
          : "it is one string: write what model.to_json() gives to the file itself, without json.dump"))
  }
  if let version = version ?? architecture["keras_version"]?.string {
    let major = version.split(separator: ".").first.flatMap { Int($0) }
    guard let major, (1...3).contains(major) else {
      throw Failure(
        architecture.diagnostic("the model was written by Keras \(version.visible); Keras 1 to 3 are read"))
    }
    return max(major, 2)
  }
  // Keras 3's to_json() states no version; Keras 2's always does.
  return architecture["module"] != nil && architecture["registered_name"] != nil ? 3 : 2
}
