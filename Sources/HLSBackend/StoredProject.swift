import Backends
import Diagnostics
import Storage

extension HLSProject {
  /// The top function's name of the project in `folder`, from its project.json.
  ///
  /// - Throws: `Failure` where the folder holds no readable project.
  public static func topName(ofProjectIn folder: String) throws(Failure) -> String {
    let file = "\(folder)/project.json"
    let node = try JSONNode(contentsOf: file)
    guard let version = node["version"]?.integer, version == ProjectFile.currentVersion else {
      throw Failure(
        .badInput, file: file, place: "version", "not a project of this version of Triggerfish",
        hint: "compile the model again")
    }
    // The name becomes part of file names and of C++.
    guard let name = node["top"]?.string, name == Identifiers.sanitized(name) else {
      throw Failure(.badInput, file: file, place: "top", "not the name of a top function")
    }
    return name
  }
}
