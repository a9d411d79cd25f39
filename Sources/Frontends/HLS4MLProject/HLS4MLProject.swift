import Configuration
import Diagnostics
import Foundation
import Model
import Storage

/// Reads a project that hls4ml wrote as a model with exactly its types.
///
/// The text is parsed, nothing of it is run, no macro is expanded, and no file outside the folder is opened.
///
/// - Returns: the network, and the configuration that says all that the project has decided (`isWritten`).
/// - Throws: `missingInput`, or `badInput` with everything that is not understood, each with its file and line.
func loadHLS4MLProject(path: String, weights: String?, limits: WorkLimits) throws(Failure) -> ImportedModel {
  if let weights {
    throw Failure(.usage, file: weights, "a project that hls4ml wrote has its weights in itself")
  }
  let files = try ProjectFiles(path, limit: limits[.constants])
  let (model, configuration) = try ProjectBuilder.build(files)
  return ImportedModel(model, notes: files.notes, configuration: configuration)
}

extension Configuration {
  /// Takes the part and the clock from project.tcl (hls4ml since 0.7), or from the script before it.
  mutating func readProject(_ folder: String) {
    for name in ["project.tcl", "build_prj.tcl"] {
      guard let bytes = try? readFile("\(folder)/\(name)", limit: 1 << 20) else { continue }
      for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
        let words = line.split(separator: " ").map { $0.filter { $0 != "\"" && $0 != "{" && $0 != "}" } }
        guard words.count >= 3, words[0] == "set" else {
          if words.first == "set_part", words.count > 1 { part = words[1] }
          if words.first == "create_clock", let at = words.firstIndex(of: "-period"), words.count > at + 1 {
            clockPeriod = Double(words[at + 1]) ?? clockPeriod
          }
          continue
        }
        switch words[1] {
        case "part": part = words[2]
        case "clock_period": clockPeriod = Double(words[2]).flatMap { $0 > 0 ? $0 : nil } ?? clockPeriod
        case "clock_uncertainty":
          if words[2].hasSuffix("%"), let share = Double(words[2].dropLast()), (0..<100).contains(share) {
            clockUncertainty = share / 100
          }
        case "backend": backend = Backend.allCases.first { $0.rawValue.lowercased() == words[2] } ?? backend
        default: break
        }
      }
    }
  }
}
